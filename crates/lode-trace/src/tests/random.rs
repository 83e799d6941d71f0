//! Random requests that meet: few ids, times, words and segments.

use jiff::Timestamp;
use lode_model::{
    Ask, Caller, Chain, Guarded, GuardedSide, GuardrailPolicy, Mode, OutputForm, Request, Routing, Segment,
    SegmentKind, TokenCounts, Traits, Ttl,
};
use proptest::collection::{btree_map, btree_set, vec};
use proptest::option;
use proptest::prelude::*;
use proptest::sample::select;

/// Around the border of two months (2026-02-01T00:00:00Z is 1 769 904 000), and before 1970.
fn times() -> impl Strategy<Value = Timestamp> {
    let near = (-3_i64..3).prop_map(|second| 1_769_904_000_000_000 + second * 1_000_000);
    let any = prop_oneof![6 => near, 1 => -5_i64..5, 1 => select(vec![1_769_903_999_999_999, 1_772_323_200_000_000])];
    any.prop_map(|micros| Timestamp::from_microsecond(micros).expect("a time"))
}

fn ids() -> impl Strategy<Value = String> {
    prop_oneof![
        4 => (0_u8..6).prop_map(|n| format!("{n:08x}-0000-0000-0000-00000000000{n:x}")),
        1 => select(vec!["", "a", "00000001", "00000001-0000-0000-0000-00000000000A", "00000002-0000-0000-0000-0000000000020"])
            .prop_map(String::from),
    ]
}

fn traits() -> impl Strategy<Value = Traits> {
    let count = || prop_oneof![4 => Just(0_u32), 2 => 0_u32..5, 1 => Just(u32::MAX)];
    let asks = option::of(select(Ask::ALL));
    let some = (asks, count(), count(), count()).prop_map(|(asks, white_space, examples, example_bytes)| Traits {
        asks,
        white_space,
        examples,
        example_bytes,
    });
    prop_oneof![2 => Just(Traits::NONE), 1 => some]
}

fn segments() -> impl Strategy<Value = Segment> {
    let kind = select(SegmentKind::ALL);
    let hash = prop_oneof![3 => 0_u128..3, 1 => (0_u128..2).prop_map(|n| u128::MAX - n), 1 => any::<u128>()];
    (
        kind,
        hash,
        0_u64..2,
        option::of(select(vec!["search", "fetch"])),
        option::weighted(0.2, select(Ttl::ALL)),
        traits(),
    )
        .prop_map(|(kind, hash, bytes, tool, marker, traits)| Segment {
            kind,
            hash,
            bytes,
            tool: tool.map(Into::into),
            marker,
            traits,
        })
}

fn counts() -> impl Strategy<Value = TokenCounts> {
    let count = || prop_oneof![4 => Just(0_u64), 2 => 0_u64..5, 1 => Just(i64::MAX.unsigned_abs())];
    [count(), count(), count(), count(), count(), count()].prop_map(|counts| {
        let [input, output, cache_read, cache_write_5m, cache_write_30m, cache_write_1h] = counts;
        TokenCounts { input, output, cache_read, cache_write_5m, cache_write_30m, cache_write_1h }
    })
}

fn guarded() -> impl Strategy<Value = Guarded> {
    let side = || {
        let units = btree_map(select(GuardrailPolicy::ALL), 0_u64..3, 0..3);
        let found = btree_set(select(GuardrailPolicy::ALL), 0..3);
        (units, option::of(0_u64..3), found).prop_map(|(units, characters, found)| GuardedSide {
            units,
            characters,
            found,
        })
    };
    let id = option::of(select(vec!["g1", "g;2", ""]));
    (id, side(), side(), any::<(bool, bool)>()).prop_map(|(id, input, output, (intervened, selective))| Guarded {
        guardrail: id.map(Into::into),
        input,
        output,
        intervened,
        selective,
    })
}

prop_compose! {
    pub(crate) fn request()(
        (id, time) in (ids(), times()),
        (account, region, model) in (
            select(vec!["111111111111", "111111111111", "222222222222"]),
            select(vec!["us-east-1", "us-east-1", "eu-west-1"]),
            select(vec!["m", "m", "n"]),
        ),
        (routing, mode, form) in
            (select(Routing::ALL), option::of(select(Mode::ALL)), select(OutputForm::ALL)),
        (streaming, has_body, schema_bound) in any::<(bool, bool, bool)>(),
        (caller, error, stop) in (
            select(vec!["role/a", "role/b", "unattributed", ""]),
            option::weighted(0.2, select(vec!["ThrottlingException", "role/a"])),
            option::of(select(vec!["end_turn", "tool_use"])),
        ),
        tokens in counts(),
        (limit, latency) in (option::of(0_u64..4), option::of(0_u64..4)),
        (opens, continues) in (option::of(any::<u64>()), option::of(0_u64..2)),
        guarded in option::weighted(0.3, guarded()),
        tools in vec(select(vec!["search", "fetch", "write"]), 0..3),
        segments in vec(segments(), 0..5),
    ) -> Request {
        Request {
            id: id.into(),
            time,
            account: account.into(),
            region: region.into(),
            model: model.into(),
            routing,
            caller: Caller::from(caller),
            mode,
            streaming,
            tokens,
            error: error.map(Into::into),
            output_form: form,
            output_limit: limit,
            stop_reason: stop.map(Into::into),
            latency_ms: latency,
            tools_called: tools.into_iter().map(Into::into).collect(),
            chain: Chain { opens, continues },
            has_body,
            schema_bound,
            guarded: guarded.map(Into::into),
            segments: segments.into_iter().map(Into::into).collect(),
        }
    }
}
