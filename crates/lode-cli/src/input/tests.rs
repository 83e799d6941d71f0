//! What is read beyond memory, and what is said where there is no bill.

use lode_model::Trace as _;

use super::*;

#[test]
fn what_was_too_much_for_memory_is_there_when_it_is_read() {
    let logs = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../testdata/estate/logs");
    let requests = |memory| {
        let mut found = find(&list_all(std::slice::from_ref(&logs)).expect("logs").files).expect("logs");
        let progress = Progress::new(0, false);
        let Logs { parts, staging, .. } =
            read_logs(&mut found, &CallerKey::defaults(), None, memory, &progress).expect("logs");
        let written = parts.iter().filter(|part| matches!(part, Part::File(_))).count();
        let trace = Parts::new(parts, staging);
        let mut all = Vec::new();
        for group in trace.groups() {
            trace.requests(&group, &mut |request| all.push(request.clone())).expect("requests");
        }
        (all, written)
    };
    let ((held, none), (written, some)) = (requests(MEMORY), requests(1));
    assert_eq!((held.len(), none), (31_520, 0));
    assert!(some > 1, "{some} files were written");
    assert_eq!(held, written);
}

#[test]
fn without_a_bill_what_was_found_is_said() {
    let said = |logs, bodies, inventory, skipped: &[(String, String)]| {
        let other = OtherInput { logs, bodies, inventory };
        InputError::Nothing { input: "in".to_owned(), other, skipped: skipped.to_vec() }.to_string()
    };
    assert!(said(0, 0, 0, &[]).starts_with("no billing export in in: the folder holds no file; help:"));
    let logs = said(12, 0, 1, &[]);
    let expected =
        "in in: found 12 files of invocation logs and 1 of inventory, which need the bill beside them; help:";
    assert!(logs.contains(expected), "{logs}");
    let both = said(1, 0, 0, &[("a.txt".to_owned(), "neither CSV nor Parquet".to_owned())]);
    assert!(both.contains("found 1 file of invocation logs") && both.contains("\n  a.txt: neither"), "{both}");
    assert!(!said(0, 3, 0, &[]).contains("no file"));
}
