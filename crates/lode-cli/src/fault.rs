//! What went wrong, as a sentence: what and where, why, and what to do, in this order.

use std::io::ErrorKind;

/// An error with its causes. Help comes last, wherever in the chain it stands; a cause that the error names already is
/// not said again; a fault of the machine without help gets one by its kind.
pub(crate) fn told(error: &anyhow::Error) -> String {
    let mut said: Vec<String> = Vec::new();
    let mut helps: Vec<String> = Vec::new();
    for cause in error.chain() {
        let text = cause.to_string();
        let (text, help) = match text.rsplit_once("; help: ") {
            Some((text, help)) => (text.to_owned(), Some(help.to_owned())),
            None => (text, None),
        };
        helps.extend(help.filter(|help| !helps.contains(help)));
        if !said.iter().any(|earlier| earlier.contains(&text)) {
            said.push(text);
        }
    }
    if helps.is_empty() {
        let kind = error.chain().find_map(|cause| cause.downcast_ref::<std::io::Error>()).map(std::io::Error::kind);
        helps.extend(kind.map(|kind| by_kind(kind).to_owned()));
    }
    let help: String = helps.iter().map(|help| format!("; help: {help}")).collect();
    format!("{}{help}", said.join(": "))
}

fn by_kind(kind: ErrorKind) -> &'static str {
    match kind {
        ErrorKind::NotFound => "check the path",
        ErrorKind::PermissionDenied => "check the permissions of the file and of its folder",
        ErrorKind::StorageFull | ErrorKind::QuotaExceeded => "free some space on the disk",
        ErrorKind::AlreadyExists => "name a new file or folder",
        _ => "check the path and the disk",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use anyhow::Context as _;

    fn denied() -> std::io::Error {
        std::io::Error::new(ErrorKind::PermissionDenied, "denied")
    }

    #[test]
    fn help_comes_last_and_nothing_twice() {
        let error = Err::<(), _>(denied()).context("cannot write x; help: check the disk").expect_err("an error");
        assert_eq!(told(&error), "cannot write x: denied; help: check the disk");
        let named = anyhow::Error::new(denied()).context("x: denied; help: check the path");
        assert_eq!(told(&named), "x: denied; help: check the path");
        assert_eq!(told(&anyhow::anyhow!("only this")), "only this");
    }

    #[test]
    fn a_fault_of_the_machine_has_help_too() {
        let error = anyhow::Error::new(denied()).context("trace/part-1");
        assert_eq!(told(&error), "trace/part-1: denied; help: check the permissions of the file and of its folder");
    }
}
