//! Settings from the outside: the file that `lode init` writes, and faults with their place.

mod common;

use common::{day_one, lode};
use lode_cli::Exit;

#[test]
fn init_writes_what_a_report_reads_and_overwrites_nothing() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("my lode.toml");
    let path = file.to_str().expect("UTF-8");
    let made = lode(&["init", "-o", path, "--schema"]);
    assert_eq!((made.exit, made.out.as_str()), (Exit::Made, ""), "{}", made.err);
    assert!(made.err.contains(&format!("next: lode report INPUT --config '{path}'")), "{}", made.err);
    let text = std::fs::read_to_string(&file).expect("written");
    assert!(text.starts_with("#:schema lode.schema.json\n"), "{text}");
    let schema = std::fs::read_to_string(folder.path().join("lode.schema.json")).expect("written");
    assert_eq!(schema, lode_settings::schema());
    // As written it changes nothing.
    let plain = lode(&["report", &day_one(), "--format", "json"]);
    assert_eq!(lode(&["report", &day_one(), "--format", "json", "--config", path]).out, plain.out);
    // What is there stays.
    std::fs::write(&file, "mine").expect("written");
    let again = lode(&["init", "-o", path]);
    assert_eq!(again.exit, Exit::Usage);
    assert!(again.err.contains("is there already") && again.err.contains("-o"), "{}", again.err);
    assert_eq!(std::fs::read_to_string(&file).expect("there"), "mine");
    // Half of it is not written where the schema is there.
    let other = folder.path().join("other.toml");
    assert_eq!(lode(&["init", "--schema", "-o", other.to_str().expect("UTF-8")]).exit, Exit::Usage);
    assert!(!other.exists());
}

#[test]
fn a_fault_is_shown_in_its_line() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("lode.toml");
    std::fs::write(&file, "[report]\ncaller_keys = [\"iam-principle\"]\n").expect("written");
    let path = file.to_str().expect("UTF-8");
    let ran = lode(&["report", &day_one(), "--config", path]);
    assert_eq!((ran.exit, ran.out.as_str()), (Exit::Usage, ""));
    let wanted = format!(
        "error: {path}: line 2, column 16: report.caller_keys: found \"iam-principle\", expected one of \
         request-metadata:KEY, application-inference-profile, iam-principal, tag:KEY, cost-category:NAME; did you mean \
         iam-principal?\n  |\n2 | caller_keys = [\"iam-principle\"]\n  |                ^^^^^^^^^^^^^^^\n"
    );
    assert_eq!(ran.err, wanted);
}
