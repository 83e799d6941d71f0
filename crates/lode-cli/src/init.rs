//! `lode init`: a commented settings file, and the schema of its keys for editors. Nothing is overwritten.

use std::io::Write as _;
use std::path::{Path, PathBuf};

use anyhow::Context as _;

use crate::args::InitArgs;
use crate::input::quoted;
use crate::{Exit, Shell};

/// Name of the schema, beside the settings.
const SCHEMA: &str = "lode.schema.json";

/// A file that cannot be made.
#[derive(Debug, thiserror::Error)]
pub(crate) enum InitError {
    /// There is one already.
    #[error("{} is there already; help: name another file with -o, nothing is overwritten", .0.display())]
    Exists(PathBuf),
}

pub(crate) fn run(args: &InitArgs, shell: &mut Shell<'_>) -> anyhow::Result<Exit> {
    let file = args.output.as_path();
    let schema = file.with_file_name(SCHEMA);
    if let Some(there) = [Some(file), args.schema.then_some(&*schema)].into_iter().flatten().find(|path| path.exists())
    {
        return Err(InitError::Exists(there.to_owned()).into());
    }
    create(file, &lode_settings::template(args.schema.then_some(SCHEMA)))?;
    if args.schema {
        create(&schema, &lode_settings::schema())?;
        shell.note(&format!("wrote {}: what editors complete and check the settings by", schema.display()));
    }
    // Only a file of this name in the current folder is found without the flag.
    let config = if file == Path::new("lode.toml") {
        String::new()
    } else {
        format!(" --config {}", quoted(&file.display().to_string()))
    };
    shell.note(&format!(
        "wrote {}: every setting is there as a comment with an example; take away the # of those you need; next: lode \
         report INPUT{config}",
        file.display()
    ));
    Ok(Exit::Made)
}

/// Makes a file that is not there yet.
fn create(path: &Path, text: &str) -> anyhow::Result<()> {
    let made = std::fs::OpenOptions::new().write(true).create_new(true).open(path);
    let mut file = match made {
        Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => {
            return Err(InitError::Exists(path.to_owned()).into());
        }
        other => other.with_context(|| format!("cannot make {}; help: check the folder", path.display()))?,
    };
    file.write_all(text.as_bytes()).with_context(|| format!("cannot write {}", path.display()))
}
