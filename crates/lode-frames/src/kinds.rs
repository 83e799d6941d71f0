//! Which Parquet type each kind of [`Values`] is, and the other way round.

use lode_model::Values;
use polars::prelude::PlSmallStr;
use polars_parquet::parquet::error::ParquetResult;
use polars_parquet::parquet::metadata::ColumnDescriptor;
use polars_parquet::parquet::schema::Repetition;
use polars_parquet::parquet::schema::types::{
    GroupConvertedType, GroupLogicalType, IntegerType, ParquetType, PhysicalType, PrimitiveConvertedType,
    PrimitiveLogicalType, PrimitiveType, TimeUnit,
};

/// The kind of a column's values.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Numbers,
    Optional,
    Micros,
    Flags,
    Words,
    Lists,
    WordLists,
}

impl Kind {
    pub(crate) const fn of(values: &Values) -> Self {
        match values {
            Values::Numbers(_) => Self::Numbers,
            Values::Optional(_) => Self::Optional,
            Values::Micros(_) => Self::Micros,
            Values::Flags(_) => Self::Flags,
            Values::Words { .. } => Self::Words,
            Values::Lists { .. } => Self::Lists,
            Values::WordLists { .. } => Self::WordLists,
        }
    }

    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Numbers => "whole numbers",
            Self::Optional => "whole numbers, some absent",
            Self::Micros => "moments",
            Self::Flags => "yes or no",
            Self::Words => "texts",
            Self::Lists => "lists of whole numbers",
            Self::WordLists => "lists of texts",
        }
    }

    /// The column's type in the file.
    pub(crate) fn parquet_type(self, name: &str) -> ParquetResult<ParquetType> {
        use PhysicalType::{Boolean, ByteArray, Int64};
        use Repetition::{Optional, Required};
        let name = PlSmallStr::from_str(name);
        let leaf = |name: PlSmallStr, physical: PhysicalType, repetition: Repetition| {
            let (converted, logical) = match physical {
                ByteArray => (Some(PrimitiveConvertedType::Utf8), Some(PrimitiveLogicalType::String)),
                _ => (None, None),
            };
            ParquetType::try_from_primitive(name, physical, repetition, converted, logical, None)
        };
        match self {
            Self::Numbers => leaf(name, Int64, Required),
            Self::Optional => leaf(name, Int64, Optional),
            Self::Flags => leaf(name, Boolean, Required),
            Self::Words => leaf(name, ByteArray, Optional),
            Self::Lists => Ok(list(name, leaf("element".into(), Int64, Required)?)),
            Self::WordLists => Ok(list(name, leaf("element".into(), ByteArray, Optional)?)),
            Self::Micros => {
                let logical =
                    PrimitiveLogicalType::Timestamp { unit: TimeUnit::Microseconds, is_adjusted_to_utc: true };
                let converted = Some(PrimitiveConvertedType::TimestampMicros);
                ParquetType::try_from_primitive(name, Int64, Required, converted, Some(logical), None)
            }
        }
    }
}

fn list(name: PlSmallStr, element: ParquetType) -> ParquetType {
    let repeated = ParquetType::from_group("list".into(), Repetition::Repeated, None, None, vec![element], None);
    let (converted, logical) = (Some(GroupConvertedType::List), Some(GroupLogicalType::List));
    ParquetType::from_group(name, Repetition::Required, converted, logical, vec![repeated], None)
}

/// How a column that a table can hold lies in a file. Levels are Parquet's definition levels: how much of the path to
/// a value is there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Shape {
    pub(crate) kind: Kind,
    /// The level of a value that is there.
    pub(crate) full: u32,
    /// The level of a list that is there and has no element. For columns without lists, 0.
    pub(crate) empty: u32,
}

impl Shape {
    /// The shape of a top-level column, or words for the type that a table cannot hold.
    pub(crate) fn of(field: &ParquetType, leaf: &ColumnDescriptor) -> Result<Self, String> {
        let full = u32::try_from(leaf.descriptor.max_def_level).unwrap_or(0);
        match field {
            ParquetType::PrimitiveType(primitive) => {
                Ok(Self { kind: kind_of(primitive).ok_or_else(|| type_words(primitive))?, full, empty: 0 })
            }
            ParquetType::GroupType { field_info, logical_type, converted_type, fields } => {
                let is_list = *logical_type == Some(GroupLogicalType::List)
                    || (logical_type.is_none() && *converted_type == Some(GroupConvertedType::List));
                let [ParquetType::GroupType { field_info: repeated, fields: elements, .. }] = fields.as_slice() else {
                    return Err("a group".to_owned());
                };
                let [ParquetType::PrimitiveType(element)] = elements.as_slice() else {
                    return Err("a group of groups".to_owned());
                };
                if !is_list
                    || repeated.repetition != Repetition::Repeated
                    || element.field_info.repetition == Repetition::Repeated
                    || field_info.repetition == Repetition::Repeated
                {
                    return Err("a group".to_owned());
                }
                let kind = match kind_of(element) {
                    Some(Kind::Numbers | Kind::Optional) => Kind::Lists,
                    Some(Kind::Words) => Kind::WordLists,
                    _ => return Err(format!("lists of {}", type_words(element))),
                };
                Ok(Self { kind, full, empty: u32::from(field_info.repetition == Repetition::Optional) })
            }
        }
    }
}

fn kind_of(primitive: &PrimitiveType) -> Option<Kind> {
    use PrimitiveConvertedType as C;
    use PrimitiveLogicalType as L;
    let repetition = primitive.field_info.repetition;
    if repetition == Repetition::Repeated {
        return None;
    }
    match (primitive.physical_type, primitive.logical_type, primitive.converted_type) {
        (PhysicalType::Int64, Some(L::Integer(IntegerType::Int64)), _)
        | (PhysicalType::Int64, None, None | Some(C::Int64)) => {
            Some(if repetition == Repetition::Optional { Kind::Optional } else { Kind::Numbers })
        }
        (PhysicalType::Int64, Some(L::Timestamp { unit: TimeUnit::Microseconds, .. }), _)
        | (PhysicalType::Int64, None, Some(C::TimestampMicros)) => Some(Kind::Micros),
        (PhysicalType::Boolean, ..) => Some(Kind::Flags),
        (PhysicalType::ByteArray, Some(L::String), _) | (PhysicalType::ByteArray, None, Some(C::Utf8)) => {
            Some(Kind::Words)
        }
        _ => None,
    }
}

fn type_words(primitive: &PrimitiveType) -> String {
    let physical = format!("{:?}", primitive.physical_type);
    match (primitive.logical_type, primitive.converted_type) {
        (Some(logical), _) => format!("{physical} ({logical:?})"),
        (None, Some(converted)) => format!("{physical} ({converted:?})"),
        (None, None) => physical,
    }
}
