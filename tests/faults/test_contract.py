"""What feedpub promises under faults, row by row, each with a test that holds it to it."""

import re
from functools import cache

import pytest
from support import PROJECT

# Fault -> file of tests, and a test in it.
CONTRACT = {
    # Records.
    "malformed YAML": ("test_hostile_records", "a_run_over_unreadable_files_publishes_the_good"),
    "missing fields": ("test_records", "record_without_title_is_refused"),
    "wrong types": ("test_hostile_records", "a_value_of_any_kind_costs_its_record_at_most"),
    "duplicate keys": ("test_secrets", "of_two_words_on_visibility_the_one_that_withholds"),
    "aliases and bombs": ("test_tree", "many_aliases_cost_nothing"),
    "deep nesting": ("test_tree", "deep_yaml_is_refused"),
    "huge record": ("sources/test_files", "huge_file_is_refused_unread"),
    "not UTF-8": ("sources/test_files", "file_that_is_not_utf_8_is_refused"),
    "forbidden characters": ("test_hostile_records", "a_forbidden_character_costs_a_text_no_more"),
    "invisible characters": ("test_hostile_records", "a_title_loses_only_what_no_reader_may_see"),
    "YAML 1.1 typing": ("test_fields", "no_is_read"),
    "dates": ("test_dates", "weekday_does_not_stand_in_for_the_day"),
    "future date": ("test_last_run", "the_date_of_a_record_that_comes_is_noticed"),
    "duplicate ids and links": ("test_corpus", "articles_with_the_same_link_are_one"),
    "markup": ("test_hostile_records", "markup_in_a_text_is_never_live"),
    "bad addresses": ("test_hostile_records", "a_record_with_such_a_link_is_refused"),
    "secured leaks": ("test_secrets", "secured_is_nowhere_in_what_a_crash_leaves"),
    "withheld record leaks": ("test_secrets", "a_withheld_record_is_nowhere"),
    "log injection": ("test_hostile_records", "the_name_of_a_file_forges_no_line"),
    "topic slug clash": ("test_slugs", "hostile_names_have_different_slugs"),
    "topic explosion": ("faults/test_guard", "guard_refuses_an_explosion_of_topics"),
    # File system and process.
    "symlink in source": ("sources/test_files", "symbolic_link_is_not_followed"),
    "pipe, socket, device": ("sources/test_files", "pipe_does_not_stop_the_run"),
    "unreadable file": ("faults/test_last_good", "record_that_cannot_be_read_stays_until_it_can"),
    "unreadable folder": ("faults/test_last_good", "folder_that_cannot_be_read_leaves_its_records"),
    "vanishing while reading": ("faults/test_churn", "record_that_vanished_before_it_was_read"),
    "changing while reading": ("faults/test_churn", "record_that_keeps_changing_stays"),
    "half written": ("faults/test_churn", "churn_of_several_kinds_publishes_nothing_half"),
    "symlink in feeds": ("faults/test_output_faults", "planted_link_is_replaced_and_not_followed"),
    "planted temporary file": (
        "faults/test_output_faults",
        "planted_temporary_name_is_not_written",
    ),
    "output folder not ours": (
        "destinations/test_directory",
        "folder_with_files_but_without_a_list_is_refused",
    ),
    "full disk": ("faults/test_failing_writes", "full_disk_leaves_the_previous_feeds_and_names"),
    "quota, read-only": ("faults/test_failing_writes", "write_that_fails_is_said_and_made_up_for"),
    "file too large": ("faults/test_failing_writes", "file_larger_than_is_allowed_is_named"),
    "no inodes": ("faults/test_failing_writes", "disk_without_inodes_leaves_the_previous_feeds"),
    "read-only disk": ("faults/test_failing_writes", "read_only_disk_ends_with_74"),
    "read-only folder": ("faults/test_failing_writes", "read_only_folder_ends_with_74"),
    "EIO on fsync": ("faults/test_failing_writes", "sync_that_fails_once_is_not_tried_again"),
    "kill -9 at random": ("faults/test_kill", "kill_at_random_moments"),
    "kill -9 at every step": ("faults/test_kill", "kill_at_every_system_call"),
    "power cut": ("faults/test_power_cut", "power_cut_finds_files_on_the_disk_before_they_have"),
    "overlap": ("faults/test_overlap", "overlap_of_two_runs_leaves_the_output_of_one"),
    "clock backwards": ("faults/test_clock", "clock_that_went_back_takes_no_update_back"),
    "daylight saving": ("faults/test_clock", "dst_of_the_machine_changes_no_byte"),
    "state deleted": ("faults/test_state_faults", "state_deleted_changes_no_id"),
    "state deleted after an edit": ("test_lost_state", "build_without_the_state_writes_what"),
    "state corrupted": ("faults/test_state_faults", "state_corrupted_gives_no_wrong_feed"),
    "state locked": ("faults/test_overlap", "state_locked_by_another_program_ends_with_75"),
    "state read-only": ("faults/test_state_faults", "state_read_only_ends_with_74"),
    "state newer": ("faults/test_state_faults", "state_newer_than_feedpub_ends_with_78"),
    "output edited": ("faults/test_output_faults", "output_of_which_a_file_was_edited_by_hand"),
    "output deleted": ("faults/test_output_faults", "output_of_which_a_file_was_deleted_by_hand"),
    "bad umask": ("faults/test_failing_writes", "bad_umask_leaves_files_that_a_web_server_can"),
    "files of another user": ("faults/test_failing_writes", "file_of_another_user_is_replaced"),
    "a bug": ("cli/test_cli_main", "internal_error_leaves_a_file_that_it_names"),
    # Network.
    "private addresses": ("measuring/test_ssrf", "no_spelling_of_a_private_address"),
    "slow and endless answers": ("measuring/test_hostile_servers", "what_never_ends_is_ended"),
    "odd answers": ("measuring/test_hostile_servers", "an_odd_answer"),
    # Content.
    "edited": ("test_incremental", "one_edit_parses_one_file_and_renders_one_entry"),
    "renamed file": ("test_renames", "renamed_record_is_named"),
    "withdrawn": ("test_withdrawn_entries", "withdrawn_record_is_told_of"),
    "topic without records": ("test_secrets", "the_feed_of_a_topic_whose_last_record_was"),
    "record turned bad": ("faults/test_last_good", "record_that_turned_bad_stays_as_it_was"),
    "guard": ("faults/test_guard", "guard_refuses_a_fall_of_more_than_a_fifth"),
    # Preview.
    "slow clients": ("preview/test_preview_server", "client_that_goes_on_slowly_is_cut"),
    "huge headers": ("preview/test_preview_server", "endless_headers_are_refused"),
    "too many clients": ("preview/test_preview_server", "one_connection_too_many_is_told_so"),
    "paths that lead out": ("preview/test_preview_application", "link_is_not_followed"),
    # Configuration.
    "unknown keys": ("test_config_file", "unknown_key_at_the_root_is_named"),
    "paths out of the folder": ("test_config_file", "relative_path_out_of_the_folder"),
}


@cache
def names_in(name):
    text = (PROJECT / f"tests/{name}.py").read_text("utf-8")
    return re.findall(r"^def test_(\w+)", text, re.MULTILINE)


@pytest.mark.parametrize("fault", CONTRACT)
def test_every_fault_of_the_contract_has_a_test(fault):
    name, beginning = CONTRACT[fault]
    assert beginning
    assert [test for test in names_in(name) if test.startswith(beginning)]
