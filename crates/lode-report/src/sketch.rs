//! A typical request before and after a change of its cache markers, as a developer would see it: which blocks, how
//! large, where the markers stand. No text of any block.

use std::collections::BTreeMap;
use std::fmt::Write;

use lode_engine::Recommendation;
use lode_model::{CachePolicy, Edit, SegmentKind, Ttl};
use lode_sim::{Role, Sketch, SketchBlock};

use crate::habits::owners;
use crate::misses::said;
use crate::text::{count, short, whole};
use crate::{Look, Report};

/// Blocks between two markers that are shown one by one; of more, the first and the last.
const MOST_SHOWN: usize = 3;
/// Columns of what is said of a block, before its tokens.
const COLUMN: usize = 46;

/// How a request is written.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Form {
    /// Converse of Bedrock: a marker is a block of its own.
    Converse,
    /// Messages of Anthropic: a marker is part of the block before it.
    Messages,
}

/// The block of a recommendation that changes cache markers; empty for any other, and where no body is known. Of several
/// owners it shows the one with most calls.
pub(crate) fn block(report: &Report<'_>, r: &Recommendation, look: Look) -> String {
    let policy = r.edits.iter().rev().find_map(|edit| if let Edit::Cache(policy) = edit { Some(policy) } else { None });
    let Some(policy) = policy else { return String::new() };
    let sketches = owners(report.estate, r)
        .into_iter()
        .map(|own| &own.owner)
        .filter_map(|owner| Some((owner, Sketch::of(report.estate, owner, policy)?)));
    let most = sketches.max_by_key(|(owner, sketch)| (sketch.calls, std::cmp::Reverse(*owner)));
    let Some((_, sketch)) = most.filter(|(_, sketch)| sketch.today != sketch.after) else { return String::new() };
    let info = report.estate.prices.catalogue().model(&sketch.model);
    let provider = info.map_or("", |info| &*info.provider);
    let mut out = format!("{}\n", look.heading("The request, before (-) and after (+)"));
    let whole_prompt = sketch.blocks.iter().map(|block| block.tokens).sum();
    out.push_str(&look.hang(
        &format!(
            "typical of {}: {}, {} tokens by their share of bytes; static is what at least 95 % of the calls send",
            count(sketch.calls, "call with a body", "calls with a body"),
            count(sketch.blocks.len() as u64, "block", "blocks"),
            tokens(whole_prompt),
        ),
        "  ",
    ));
    match provider {
        "OpenAI" => out.push_str(&look.hang(&breakpoints(&sketch, policy), "  ")),
        "Anthropic" => {
            let _ = writeln!(out, "  Converse:");
            draw(&mut out, &sketch, Form::Converse);
            let _ = writeln!(out, "  Anthropic Messages:");
            draw(&mut out, &sketch, Form::Messages);
        }
        _ => {
            let _ = writeln!(out, "  Converse:");
            draw(&mut out, &sketch, Form::Converse);
        }
    }
    out.push('\n');
    out
}

fn tokens(tokens: u64) -> String {
    whole(i128::from(tokens))
}

/// GPT models have breakpoints in the Responses API only (AWS prompt-caching page, copy of 2026-10).
fn breakpoints(sketch: &Sketch, policy: &CachePolicy) -> String {
    if *policy == CachePolicy::Off || sketch.after.is_empty() {
        return "Responses API: take prompt_cache_breakpoint out of the request.".to_owned();
    }
    let place = |(place, _): &(usize, Ttl)| {
        let before: u64 = sketch.blocks.iter().take(place + 1).map(|block| block.tokens).sum();
        let kind = sketch.blocks.get(*place).map_or("", |block| said(block.kind));
        format!("behind block {} ({kind}), after {} tokens", tokens(*place as u64 + 1), tokens(before))
    };
    let places: Vec<String> = sketch.after.iter().map(place).collect();
    format!("Responses API: prompt_cache_breakpoint {}, and nowhere else.", places.join(" and "))
}

/// The blocks of a form, line by line.
fn draw(out: &mut String, sketch: &Sketch, form: Form) {
    let mut markers: BTreeMap<usize, [Option<Ttl>; 2]> = BTreeMap::new();
    for (side, list) in [&sketch.today, &sketch.after].into_iter().enumerate() {
        for (place, ttl) in list {
            markers.entry(*place).or_default()[side] = Some(*ttl);
        }
    }
    let section = |block: &SketchBlock| block.role.min(Role::User);
    let mut from = 0;
    for blocks in sketch.blocks.chunk_by(|a, b| section(a) == section(b)) {
        let head = match (section(&blocks[0]), form) {
            (Role::Tools, Form::Converse) => "toolConfig.tools",
            (Role::Tools, Form::Messages) => "tools",
            (Role::System, _) => "system",
            (Role::User | Role::Assistant, _) => "messages",
        };
        line(out, ' ', head, "");
        let mut rest = blocks;
        while !rest.is_empty() {
            // Up to the next marker.
            let length = (0..rest.len()).find(|at| markers.contains_key(&(from + at))).map_or(rest.len(), |at| at + 1);
            let (stretch, behind) = rest.split_at(length);
            draw_stretch(out, stretch, form);
            from += length;
            rest = behind;
            if let Some([before, after]) = markers.get(&(from - 1)) {
                draw_marker(out, (*before, *after), form);
            }
        }
    }
}

/// Blocks without a marker between them.
fn draw_stretch(out: &mut String, blocks: &[SketchBlock], form: Form) {
    let one = |out: &mut String, block: &SketchBlock| {
        line(out, ' ', &format!("  {}", label(block, form)), &size(block.tokens, block.is_static));
    };
    match blocks {
        [first, between @ .., last] if blocks.len() > MOST_SHOWN => {
            one(out, first);
            let what = if first.role == Role::Tools { "tools" } else { "blocks" };
            let sum = between.iter().map(|block| block.tokens).sum();
            let text = format!("  … {} more {what}", tokens(between.len() as u64));
            line(out, ' ', &text, &size(sum, between.iter().all(|block| block.is_static)));
            one(out, last);
        }
        _ => blocks.iter().for_each(|block| one(out, block)),
    }
}

fn draw_marker(out: &mut String, (before, after): (Option<Ttl>, Option<Ttl>), form: Form) {
    let mut marker = |sign: char, ttl: Option<Ttl>| {
        if let Some(ttl) = ttl {
            line(out, sign, &format!("  {}", marker_text(ttl, form)), "");
        }
    };
    if before == after {
        marker(' ', before);
    } else {
        marker('-', before);
        marker('+', after);
    }
}

/// Five minutes is what a marker without `ttl` means.
fn marker_text(ttl: Ttl, form: Form) -> String {
    let ttl = if ttl == Ttl::FiveMinutes { String::new() } else { format!(r#","ttl":"{ttl}""#) };
    match form {
        Form::Converse => format!(r#"{{"cachePoint":{{"type":"default"{ttl}}}}}"#),
        Form::Messages => format!(r#"  "cache_control":{{"type":"ephemeral"{ttl}}}"#),
    }
}

fn label(block: &SketchBlock, form: Form) -> String {
    let named = |what: &str| match &block.tool {
        Some(name) => format!("{what} {}", short(name, 24)),
        None => what.to_owned(),
    };
    let converse = form == Form::Converse;
    match block.kind {
        SegmentKind::Tool => named(if converse { "toolSpec" } else { "tool" }),
        SegmentKind::System => "text".to_owned(),
        SegmentKind::User => "[user] text".to_owned(),
        SegmentKind::Retrieved => "[user] passage".to_owned(),
        SegmentKind::Media => "[user] image, video or document".to_owned(),
        SegmentKind::Assistant if block.tool.is_none() => "[assistant] text".to_owned(),
        SegmentKind::Assistant => named(if converse { "[assistant] toolUse" } else { "[assistant] tool_use" }),
        SegmentKind::ToolResult => named(if converse { "[user] toolResult" } else { "[user] tool_result" }),
    }
}

fn size(size: u64, is_static: bool) -> String {
    format!("{:>10} tokens{}", tokens(size), if is_static { "  static" } else { "" })
}

fn line(out: &mut String, sign: char, text: &str, size: &str) {
    let text = if size.is_empty() { text.to_owned() } else { format!("{text:<COLUMN$}{size}") };
    let _ = writeln!(out, "  {sign} {}", text.trim_end());
}
