"""The profiles of notebooks and crates on the crates that a validator of RO-Crate keeps as valid and invalid."""

from __future__ import annotations

import pytest

from fairgraph.api import read_draft, validate_draft
from support import corpus_paths

# What is wrong with a crate, as its name says it, and the rule that tells. docs/notebooks.md names those that nothing tells.
TOLD = {
    "main_workflow_no_lang": "run-workflow-language",
    "wroc_crate_no_license": "crate-root-license",
    "readme_not_about_crate": "crate-readme-about",
    "crate_action_bad_actionstatus": "run-action-status",
    "action_bad_containerimage_type": "run-image-described",
    "action_bad_endtime": "run-action-end",
    "action_bad_starttime": "run-action-start",
    "process_run_crate_action_error_not_failed_status": "run-action-failed",
    "crate_action_no_actionstatus": "run-action-status",
    "action_no_endtime": "run-action-end",
    "process_run_crate_action_no_error": "run-action-error",
    "action_no_name": "run-action-name",
    "action_no_result": "run-action-result",
    "action_not_mentioned": "run-action-mentioned",
    "application_id_no_absoluteuri": "run-software-id",
    "application_no_url": "run-software-url",
    "application_version_softwareVersion": "run-software-versions",
    "containerimage_bad_additionaltype": "run-image-type",
    "containerimage_no_name": "run-image-name",
    "containerimage_no_sha256": "run-image-checksum",
    "bad_softwarerequirements": "run-software-requirements",
    "softwaresourcecode_no_version": "run-code-version",
    "formalparam_no_description": "run-parameter-description",
    "formalparam_no_name": "run-parameter-name",
    "workflow_no_output": "run-workflow-output",
    "controlaction_bad_actionstatus": "run-action-status",
    "controlaction_bad_object": "run-control-object",
    "controlaction_no_actionstatus": "run-action-status",
    "controlaction_no_instrument": "run-control-instrument",
    "howtostep_bad_workexample": "run-step-tool",
    "howtostep_no_connection": "run-connection-used",
    "howtostep_no_position": "run-step-position",
    "organizeaction_bad_actionstatus": "run-action-status",
    "organizeaction_bad_object": "run-organize-object",
    "organizeaction_error_not_failed_status": "run-action-failed",
    "organizeaction_no_error": "run-action-error",
    "organizeaction_no_object": "run-organize-object",
    "parameterconnection_bad_sourceparameter": "run-connection-source",
    "parameterconnection_no_sourceparameter": "run-connection-source",
    "parameterconnection_not_referenced": "run-connection-used",
    "tool_bad_input": "run-input-parameter",
    "tool_bad_output": "run-output-parameter",
}
VALID = corpus_paths("rocrate/rocv_valid_*")


@pytest.mark.corpus
@pytest.mark.parametrize("fault", TOLD)
def test_what_is_wrong_with_a_crate_is_told(fault: str) -> None:
    paths = corpus_paths(f"rocrate/rocv_invalid_*{fault}")
    if not paths:
        pytest.skip("no corpus of crates: set FAIRGRAPH_CORPUS")
    (path,) = paths
    with read_draft(path, "ro-crate") as draft:
        assert TOLD[fault] in {finding.rule for finding in validate_draft(draft, "ro-crate")}


@pytest.mark.corpus
@pytest.mark.parametrize("path", VALID, ids=lambda path: path.name)
def test_a_valid_crate_breaks_nothing_that_it_must(path: object) -> None:
    with read_draft(str(path), "ro-crate") as draft:
        assert validate_draft(draft, "ro-crate").conforms
