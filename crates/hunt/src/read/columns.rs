//! A batch of rows by its columns. What a dictionary of the file holds once is looked up once, and not once a row.

use super::line::rfc3339;
use arrow::array::{Array, ArrayRef, AsArray, Int32Array, ListArray, StringArray};
use arrow::compute::cast;
use arrow::datatypes::{DataType, Field, Int32Type, Int64Type, TimeUnit};
use arrow::record_batch::RecordBatch;
use decide::detect::{Deed, Sym};
use model::event::{Initiator, Outcome};
use model::id::Millis;
use std::sync::Arc;

/// A column of texts, and what each of its values comes to.
pub(super) struct Column<T> {
    texts: Texts,
    /// By the dictionary's entry.
    known: Vec<Option<T>>,
}

enum Texts {
    Absent,
    Plain(StringArray),
    Coded { keys: Int32Array, values: StringArray },
}

impl<T: Copy> Column<T> {
    fn of(batch: &RecordBatch, name: &str, before: Option<&mut Self>) -> Result<Self, String> {
        let texts = texts(batch, name)?;
        let Texts::Coded { values, .. } = &texts else { return Ok(Self { texts, known: Vec::new() }) };
        // Batch after batch of a row group has the same dictionary.
        let known = match before {
            Some(Self { texts: Texts::Coded { values: same, .. }, known }) if is_same(values, same) => {
                std::mem::take(known)
            }
            _other => vec![None; values.len()],
        };
        Ok(Self { texts, known })
    }

    /// The text in a row.
    pub(super) fn text(&self, row: usize) -> Option<&str> {
        match &self.texts {
            Texts::Absent => None,
            Texts::Plain(texts) => texts.is_valid(row).then(|| texts.value(row)),
            Texts::Coded { keys, values } => {
                let at = keys.is_valid(row).then(|| keys.value(row) as usize)?;
                values.is_valid(at).then(|| values.value(at))
            }
        }
    }

    /// What a row's text comes to.
    pub(super) fn get<E>(
        &mut self,
        row: usize,
        look_up: impl FnOnce(&str) -> Result<T, E>,
    ) -> Result<Option<T>, E> {
        let at = match &self.texts {
            Texts::Absent => return Ok(None),
            Texts::Plain(texts) if texts.is_valid(row) => return look_up(texts.value(row)).map(Some),
            Texts::Coded { keys, values }
                if keys.is_valid(row) && values.is_valid(keys.value(row) as usize) =>
            {
                keys.value(row) as usize
            }
            Texts::Plain(_) | Texts::Coded { .. } => return Ok(None),
        };
        if self.known[at].is_none()
            && let Texts::Coded { values, .. } = &self.texts
        {
            self.known[at] = Some(look_up(values.value(at))?);
        }
        Ok(self.known[at])
    }
}

/// The columns of a batch, in the types that are read.
pub(super) struct Columns {
    pub(super) id: Column<Sym>,
    pub(super) account: Column<Sym>,
    pub(super) kind: Column<Deed>,
    pub(super) outcome: Column<Outcome>,
    pub(super) session: Column<Sym>,
    pub(super) device: Column<Sym>,
    pub(super) ip: Column<Sym>,
    pub(super) country: Column<Sym>,
    pub(super) user_agent: Column<Sym>,
    pub(super) app: Column<Sym>,
    pub(super) object: Column<Sym>,
    pub(super) text: Column<Sym>,
    pub(super) lang: Column<Sym>,
    pub(super) initiator: Column<Initiator>,
    pub(super) previous: Column<Sym>,
    pub(super) change: Column<Sym>,
    lists: [Option<ListArray>; 3],
    time: Times,
    asn: Option<ArrayRef>,
}

enum Times {
    Millis(ArrayRef),
    Text(StringArray),
}

/// Columns of texts, and of lists of them.
pub(super) const TEXTS: [&str; 16] = [
    "id",
    "account",
    "kind",
    "outcome",
    "session",
    "device",
    "ip",
    "country",
    "user_agent",
    "app",
    "object",
    "text",
    "lang",
    "initiator",
    "previous",
    "change",
];
pub(super) const LISTS: [&str; 3] = ["urls", "mentions", "hashtags"];

impl Columns {
    /// The columns of a batch, of which the one before it is known; the error says which has a type that can't be read.
    pub(super) fn of(batch: &RecordBatch, mut before: Option<Self>) -> Result<Self, String> {
        let list = DataType::List(Arc::new(Field::new_list_field(DataType::Utf8, true)));
        let mut lists = [const { None }; LISTS.len()];
        for (slot, name) in lists.iter_mut().zip(LISTS) {
            *slot = as_type(batch, name, &list, &is_list)?.map(|a| a.as_list::<i32>().clone());
        }
        let time = match batch.column_by_name("time").map(Array::data_type) {
            Some(t) if is_text(t) => as_type(batch, "time", &DataType::Utf8, &is_text)?
                .map(|a| Times::Text(a.as_string::<i32>().clone())),
            Some(DataType::Timestamp(_, _)) => {
                let ms = DataType::Timestamp(TimeUnit::Millisecond, None);
                as_type(batch, "time", &ms, &|_| true)?
                    .map(|a| cast(&a, &DataType::Int64).map(Times::Millis).map_err(|e| e.to_string()))
                    .transpose()?
            }
            _integer => as_type(batch, "time", &DataType::Int64, &DataType::is_integer)?.map(Times::Millis),
        };
        Ok(Self {
            id: Column::of(batch, "id", before.as_mut().map(|b| &mut b.id))?,
            account: Column::of(batch, "account", before.as_mut().map(|b| &mut b.account))?,
            kind: Column::of(batch, "kind", before.as_mut().map(|b| &mut b.kind))?,
            outcome: Column::of(batch, "outcome", before.as_mut().map(|b| &mut b.outcome))?,
            session: Column::of(batch, "session", before.as_mut().map(|b| &mut b.session))?,
            device: Column::of(batch, "device", before.as_mut().map(|b| &mut b.device))?,
            ip: Column::of(batch, "ip", before.as_mut().map(|b| &mut b.ip))?,
            country: Column::of(batch, "country", before.as_mut().map(|b| &mut b.country))?,
            user_agent: Column::of(batch, "user_agent", before.as_mut().map(|b| &mut b.user_agent))?,
            app: Column::of(batch, "app", before.as_mut().map(|b| &mut b.app))?,
            object: Column::of(batch, "object", before.as_mut().map(|b| &mut b.object))?,
            text: Column::of(batch, "text", before.as_mut().map(|b| &mut b.text))?,
            lang: Column::of(batch, "lang", before.as_mut().map(|b| &mut b.lang))?,
            initiator: Column::of(batch, "initiator", before.as_mut().map(|b| &mut b.initiator))?,
            previous: Column::of(batch, "previous", before.as_mut().map(|b| &mut b.previous))?,
            change: Column::of(batch, "change", before.as_mut().map(|b| &mut b.change))?,
            lists,
            time: time.ok_or_else(|| "has no column `time`".to_owned())?,
            asn: as_type(batch, "asn", &DataType::Int64, &DataType::is_integer)?,
        })
    }

    /// The moment of a row, ms.
    pub(super) fn time(&self, row: usize) -> Result<Millis, String> {
        match &self.time {
            Times::Millis(ms) if ms.is_valid(row) => Ok(ms.as_primitive::<Int64Type>().value(row)),
            Times::Text(texts) if texts.is_valid(row) => rfc3339(texts.value(row)),
            Times::Millis(_) | Times::Text(_) => Err("no time".to_owned()),
        }
    }

    /// The AS number of a row, 0 where absent.
    pub(super) fn asn(&self, row: usize) -> Result<u32, String> {
        let Some(asn) = self.asn.as_ref().filter(|asn| asn.is_valid(row)) else { return Ok(0) };
        let asn = asn.as_primitive::<Int64Type>().value(row);
        u32::try_from(asn).map_err(|_| format!("asn {asn} is no AS number"))
    }

    /// `urls`, `mentions` and `hashtags` of a row.
    pub(super) fn lists(&self, row: usize) -> [Option<Vec<&str>>; LISTS.len()] {
        self.lists.each_ref().map(|lists| {
            let lists = lists.as_ref().filter(|a| a.is_valid(row))?;
            let (offsets, items) = (lists.value_offsets(), lists.values().as_string::<i32>());
            let (start, end) = (offsets[row] as usize, offsets[row + 1] as usize);
            Some((start..end).filter(|at| items.is_valid(*at)).map(|at| items.value(at)).collect())
        })
    }
}

fn texts(batch: &RecordBatch, name: &str) -> Result<Texts, String> {
    let is_coded = batch
        .column_by_name(name)
        .is_some_and(|column| matches!(column.data_type(), DataType::Dictionary(_, _)));
    if !is_coded {
        let plain = as_type(batch, name, &DataType::Utf8, &is_text)?;
        return Ok(plain.map_or(Texts::Absent, |a| Texts::Plain(a.as_string::<i32>().clone())));
    }
    let coded = as_type(batch, name, &coded(), &is_text)?;
    Ok(coded.map_or(Texts::Absent, |a| {
        let a = a.as_dictionary::<Int32Type>();
        Texts::Coded { keys: a.keys().clone(), values: a.values().as_string::<i32>().clone() }
    }))
}

/// Whether two dictionaries are one, in the same place in memory.
fn is_same(a: &StringArray, b: &StringArray) -> bool {
    a.len() == b.len() && a.offsets().ptr_eq(b.offsets()) && a.values().ptr_eq(b.values())
}

/// Texts by the numbers of a dictionary.
pub(super) fn coded() -> DataType {
    DataType::Dictionary(Box::new(DataType::Int32), Box::new(DataType::Utf8))
}

/// A column as a type, where it fits; `None` where it is absent.
fn as_type(
    batch: &RecordBatch,
    name: &str,
    to: &DataType,
    fits: &dyn Fn(&DataType) -> bool,
) -> Result<Option<ArrayRef>, String> {
    let Some(column) = batch.column_by_name(name) else { return Ok(None) };
    let from = column.data_type();
    if matches!(from, DataType::Null) {
        return Ok(None);
    }
    if !fits(from) {
        return Err(format!("has a column `{name}` of type {from}"));
    }
    if from == to {
        return Ok(Some(Arc::clone(column)));
    }
    cast(column, to).map(Some).map_err(|e| format!("has a column `{name}` of type {from} ({e})"))
}

/// Whether a type is of texts.
pub(super) fn is_text(of: &DataType) -> bool {
    let of = if let DataType::Dictionary(_, values) = of { values } else { of };
    matches!(of, DataType::Utf8 | DataType::LargeUtf8 | DataType::Utf8View)
}

fn is_list(of: &DataType) -> bool {
    if let DataType::List(item) | DataType::LargeList(item) = of { is_text(item.data_type()) } else { false }
}
