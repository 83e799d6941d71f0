//! The commented settings file that `lode init` writes.

/// Every setting as a comment: prose after `# `, what can be uncommented after `#` alone.
const TEMPLATE: &str = include_str!("template.toml");

/// A settings file in which every setting stands as a comment with what it does and its default. Where the schema stands
/// beside it under the name given, the first line tells editors.
#[must_use]
pub fn template(schema: Option<&str>) -> String {
    match schema {
        Some(name) => format!("#:schema {name}\n{TEMPLATE}"),
        None => TEMPLATE.to_owned(),
    }
}

/// The same with every setting in force.
#[cfg(test)]
pub(crate) fn uncommented() -> String {
    let line = |line: &str| {
        let setting = line.strip_prefix('#').filter(|rest| !rest.is_empty() && !rest.starts_with([' ', ':']));
        format!("{}\n", setting.unwrap_or(line))
    };
    template(Some("lode.schema.json")).lines().map(line).collect()
}

#[cfg(test)]
mod tests {
    use lode_recommenders::ALL;

    use super::*;
    use crate::RunSettings;

    #[test]
    fn as_written_it_changes_nothing() {
        let settings = RunSettings::read(&template(None), ALL).expect("valid settings");
        assert_eq!(format!("{settings:?}"), format!("{:?}", RunSettings::default()));
        assert!(template(Some("lode.schema.json")).starts_with("#:schema lode.schema.json\n# "));
        assert!(template(None).lines().all(|line| line.is_empty() || line.starts_with('#')));
    }
}
