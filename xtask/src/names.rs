//! Names that must agree between files: kebab-case ids, crate names, type names.

/// The prefix of recommender crates.
pub(crate) const REC: &str = "lode-rec-";

/// Whether this is kebab-case: lower-case words and numbers with single dashes between, a letter first.
pub(crate) fn is_kebab(name: &str) -> bool {
    name.starts_with(|first: char| first.is_ascii_lowercase())
        && name
            .split('-')
            .all(|word| !word.is_empty() && word.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit()))
}

/// `prompt-routing` as a crate is named in code: `prompt_routing`.
pub(crate) fn snake(kebab: &str) -> String {
    kebab.replace('-', "_")
}

/// `prompt-routing` as a type: `PromptRouting`.
pub(crate) fn camel(kebab: &str) -> String {
    let words = kebab.split('-').map(|word| {
        let mut letters = word.chars();
        letters.next().map(|first| first.to_ascii_uppercase()).into_iter().chain(letters).collect::<String>()
    });
    words.collect()
}

/// `prompt-routing` as a heading: `Prompt routing`.
pub(crate) fn heading(kebab: &str) -> String {
    let words = kebab.replace('-', " ");
    let mut letters = words.chars();
    letters.next().map(|first| first.to_ascii_uppercase()).into_iter().chain(letters).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn kebab_case_is_told_from_everything_else() {
        for name in ["batch-inference", "a", "s3-vectors", "tier2"] {
            assert!(is_kebab(name), "{name}");
        }
        for name in ["", "-a", "a-", "a--b", "Batch", "batch_inference", "2-tier", "prompt routing", "é"] {
            assert!(!is_kebab(name), "{name}");
        }
    }

    #[test]
    fn one_name_in_every_case() {
        assert_eq!(snake("s3-vector-store"), "s3_vector_store");
        assert_eq!(camel("s3-vector-store"), "S3VectorStore");
        assert_eq!(heading("s3-vector-store"), "S3 vector store");
    }
}
