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
    "main_workflow_bad_conformsto": "run-workflow-profile",
    "main_workflow_cwl_desc_bad_type": "run-workflow-description",
    "collection_no_mainentity": "run-collection-main",
    "process_run_crate_conformsto_bad_profile": "run-profile-known",
    "4_workflow_run_crate_conformsto_no_wfrc": "run-profile-workflow",
    "formalparam_bad_inv_exampleofwork": "run-parameter-example",
    "formalparam_env_bad_exampleofwork": "run-environment-example",
    "formalparam_maps_dataset_bad_additionaltype": "run-parameter-fits",
    "formalparam_maps_pv_bad_additionaltype": "run-parameter-fits",
    "workflow_bad_environment": "run-environment-parameter",
    "action_bad_resourceusage": "run-resource-usage",
    "conformsto_no_procrc": "run-profile-implied",
    "5_provenance_run_crate_conformsto_no_wfrc": "run-profile-workflow",
    "environment_file_no_conformsto": "run-build-format",
    "howtostep_bad_buildinstructions": "run-build-file",
    "howtostep_bad_inv_step": "run-step-workflow",
    "parameterconnection_not_workflow_referenced": "run-connection-place",
    "propertyvalue_no_unitcode": "run-resource-unit",
    "tool_no_inv_instrument": "run-tool-run",
    "workflow_bad_buildinstructions": "run-build-file",
    "workflow_bad_haspart": "run-workflow-parts",
    "workflow_no_haspart": "run-workflow-parts",
    "workflow_type_no_howto": "run-workflow-howto",
}
# What the profiles allow to be left out (MAY): nothing tells.
ALLOWED = {
    "main_workflow_no_cwl_desc",
    "action_no_containerimage",
    "4_workflow_run_crate_workflow_no_environment",
    "tool_no_environment",
    "tool_no_output",
    "workflow_no_buildinstructions",
}
INVALID = corpus_paths("rocrate/rocv_invalid_*")
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
def test_of_every_invalid_crate_it_is_known_what_tells(corpus: object) -> None:
    known = [path for path in INVALID if any(path.name.endswith(one) for one in (*TOLD, *ALLOWED))]
    assert known == INVALID
    assert len(TOLD) + len(ALLOWED) == len(INVALID)


@pytest.mark.corpus
@pytest.mark.parametrize("path", VALID, ids=lambda path: path.name)
def test_a_valid_crate_breaks_nothing_that_it_must(path: object) -> None:
    with read_draft(str(path), "ro-crate") as draft:
        assert validate_draft(draft, "ro-crate").conforms
