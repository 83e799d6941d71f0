//! Bodies that were delivered apart, in the `data` folder beside their record: found by name, read when their record
//! is, and forgotten with it, so that memory does not grow with them.

use std::path::{Path, PathBuf};

use crate::place::DATA;
use crate::source;

/// The `data` folder beside a record file.
pub(crate) struct Offload {
    /// `None` when there is no such folder.
    folder: Option<PathBuf>,
}

/// A body file that is there and cannot be used.
pub(crate) struct Broken {
    pub(crate) file: PathBuf,
    pub(crate) found: &'static str,
}

impl Broken {
    /// A body file that is there and is no JSON.
    pub(crate) fn not_json(file: PathBuf) -> Self {
        Self { file, found: "a body that is not JSON" }
    }
}

impl Offload {
    pub(crate) fn beside(file: &Path) -> Self {
        let folder = file.parent().map(|parent| parent.join(DATA)).filter(|folder| folder.is_dir());
        Self { folder }
    }

    /// Reads the body of a request into `text`, and says from which file. `side` is `input` or `output`; `s3_path` is
    /// where AWS says it put it, of which only the file name is used: the folder is where the customer copied it.
    pub(crate) fn body(
        &self,
        s3_path: Option<&str>,
        request: &str,
        side: &str,
        text: &mut String,
    ) -> Result<Option<PathBuf>, Broken> {
        let Some(folder) = &self.folder else { return Ok(None) };
        let told = s3_path.and_then(|path| path.rsplit(['/', '\\']).next()).map(str::to_owned);
        let usual = [".json.gz", ".json"].map(|end| format!("{request}_{side}{end}"));
        for name in told.iter().chain(&usual) {
            // A name comes out of a log: it may name a file in this folder and nothing else.
            if name.is_empty() || name.contains(['/', '\\', ':', '\0']) || name.starts_with('.') {
                continue;
            }
            let file = folder.join(name);
            if file.is_file() {
                return match read(&file) {
                    Ok(body) => {
                        *text = body;
                        Ok(Some(file))
                    }
                    Err(found) => Err(Broken { file, found }),
                };
            }
        }
        Ok(None)
    }
}

fn read(file: &Path) -> Result<String, &'static str> {
    let bytes = source::read_all(file).map_err(|_| "a body that cannot be read to its end")?;
    Ok(String::from_utf8(bytes).unwrap_or_else(|fault| String::from_utf8_lossy(fault.as_bytes()).into_owned()))
}
