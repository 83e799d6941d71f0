//! Region prefixes of usage types. The prefix is not derivable from the region's name (`APS3` is ap-south-1,
//! `EU` is eu-west-1), so this is a table.
//!
//! Source: the "AWS usage report" page of the Amazon S3 user guide for most entries; CAN2, MXC1, APS7 to APS9
//! and APE2 as seen by a public Bedrock cost reconciler; `EU` for Ireland is proven for Bedrock by public usage
//! types (`EU-TitanEmbeddingV2-Text-input-tokens`). State of 2026-10. `EUW1` and `AFS1` are aliases other tools
//! write, not seen on a bill.

use lode_model::Region;

/// Prefix and region, by continent.
const PREFIXES: &[(&str, &str)] = &[
    ("USE1", "us-east-1"),
    ("USE2", "us-east-2"),
    ("USW1", "us-west-1"),
    ("USW2", "us-west-2"),
    ("UGW1", "us-gov-west-1"),
    ("UGE1", "us-gov-east-1"),
    ("CAN1", "ca-central-1"),
    ("CAN2", "ca-west-1"),
    ("MXC1", "mx-central-1"),
    ("SAE1", "sa-east-1"),
    ("EU", "eu-west-1"),
    ("EUW1", "eu-west-1"),
    ("EUW2", "eu-west-2"),
    ("EUW3", "eu-west-3"),
    ("EUC1", "eu-central-1"),
    ("EUC2", "eu-central-2"),
    ("EUN1", "eu-north-1"),
    ("EUS1", "eu-south-1"),
    ("EUS2", "eu-south-2"),
    ("APN1", "ap-northeast-1"),
    ("APN2", "ap-northeast-2"),
    ("APN3", "ap-northeast-3"),
    ("APS1", "ap-southeast-1"),
    ("APS2", "ap-southeast-2"),
    ("APS3", "ap-south-1"),
    ("APS4", "ap-southeast-3"),
    ("APS5", "ap-south-2"),
    ("APS6", "ap-southeast-4"),
    ("APS7", "ap-southeast-5"),
    ("APS8", "ap-southeast-6"),
    ("APS9", "ap-southeast-7"),
    ("APE1", "ap-east-1"),
    ("APE2", "ap-east-2"),
    ("ILC1", "il-central-1"),
    ("MEC1", "me-central-1"),
    ("MES1", "me-south-1"),
    ("CPT", "af-south-1"),
    ("AFS1", "af-south-1"),
];

/// The region of a usage type's prefix, such as `USE1`; in any case.
#[must_use]
pub fn region_of_prefix(prefix: &str) -> Option<Region> {
    PREFIXES.iter().find(|(known, _)| known.eq_ignore_ascii_case(prefix)).map(|(_, region)| Region::from(*region))
}

/// Takes the region prefix off: two to four capitals and at most one digit before `-`, or before `_` as one
/// Marketplace form writes it. A prefix of the right shape that ends in a digit is taken off even if the table
/// does not know it; without a digit (`GPT-OSS-…`) or in lower case only a known one is.
pub(crate) fn split_prefix(usage_type: &str) -> (Option<&str>, &str) {
    let letters = usage_type.bytes().take_while(u8::is_ascii_alphabetic).count();
    let digits = usage_type.bytes().skip(letters).take_while(u8::is_ascii_digit).count();
    let end = letters + digits;
    let separated = matches!(usage_type.as_bytes().get(end), Some(b'-' | b'_'));
    if !(2..=4).contains(&letters) || digits > 1 || !separated {
        return (None, usage_type);
    }
    let (prefix, rest) = (&usage_type[..end], &usage_type[end + 1..]);
    let capitals = prefix.bytes().all(|b| !b.is_ascii_lowercase());
    let follows_marketplace = rest.get(..3).is_some_and(|start| start.eq_ignore_ascii_case("MP:"));
    let shaped = capitals && digits == 1 && letters >= 3;
    if region_of_prefix(prefix).is_some() || shaped || follows_marketplace {
        (Some(prefix), rest)
    } else {
        (None, usage_type)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn prefixes_come_off() {
        for (text, prefix, rest) in [
            ("USE1-NovaLite-input-tokens", Some("USE1"), "NovaLite-input-tokens"),
            ("EU-Qwen3-VL", Some("EU"), "Qwen3-VL"),
            ("CPT-NovaLite", Some("CPT"), "NovaLite"),
            ("USE1_input_tokens_standard-Units", Some("USE1"), "input_tokens_standard-Units"),
            ("XYZ9-NovaLite", Some("XYZ9"), "NovaLite"),
            ("XYZ-MP:XYZ_InputTokenCount-Units", Some("XYZ"), "MP:XYZ_InputTokenCount-Units"),
            ("use1-NovaLite", Some("use1"), "NovaLite"),
            ("eu-mp:eu_x", Some("eu"), "mp:eu_x"),
            ("ray2-x", None, "ray2-x"),
            ("GPT-OSS-Safeguard-20B-input-tokens", None, "GPT-OSS-Safeguard-20B-input-tokens"),
            ("APO-optimizePrompt-tokens", None, "APO-optimizePrompt-tokens"),
            ("NovaLite-input-tokens", None, "NovaLite-input-tokens"),
            ("input_tokens_global_standard", None, "input_tokens_global_standard"),
            ("USE1", None, "USE1"),
            ("", None, ""),
        ] {
            assert_eq!(split_prefix(text), (prefix, rest), "{text}");
        }
    }

    #[test]
    fn the_table_names_each_prefix_once() {
        let mut prefixes: Vec<&str> = PREFIXES.iter().map(|(prefix, _)| *prefix).collect();
        prefixes.sort_unstable();
        prefixes.dedup();
        assert_eq!(prefixes.len(), PREFIXES.len());
        assert_eq!(region_of_prefix("APS3"), Some(Region::from("ap-south-1")));
        assert_eq!(region_of_prefix("EU"), Some(Region::from("eu-west-1")));
        assert_eq!(region_of_prefix("EUW1"), Some(Region::from("eu-west-1")));
        assert_eq!(region_of_prefix("use1"), Some(Region::from("us-east-1")));
        assert_eq!(region_of_prefix("ZZZ1"), None);
    }
}
