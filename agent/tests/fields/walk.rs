//! The fields of a type, from the type alone. Comes in: a type that can be read; goes out: the path of
//! every field, list and variant that its reader announces; no value of a machine is looked at.
//!
//! The type is read again and again from a made-up value, each time with variants and texts that were
//! not tried yet, until all variants have been read.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};

use serde::de::value::{BorrowedStrDeserializer, StrDeserializer};
use serde::de::{
    DeserializeOwned, DeserializeSeed, Deserializer, EnumAccess, MapAccess, SeqAccess,
    VariantAccess, Visitor,
};

/// Texts that the types of the wire take: words, times, addresses, digests, ids, base64.
const TEXTS: &[&str] = &[
    "a",
    "2026-11-25T04:52:56Z",
    "192.0.2.1",
    "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef",
    "a-0123456789abcdef0123456789abcdef",
    "AAAA",
    "{}",
];
/// How `serde_json` calls bytes that are kept as they are.
const RAW: &str = "$serde_json::private::RawValue";
/// A fact: its value has the path of the fact itself.
const FACT: &str = "Reading";
const ROUNDS_MAX: usize = 10_000;

type Error = serde::de::value::Error;

#[derive(Default)]
struct Seen {
    fields: BTreeSet<String>,
    beside: BTreeSet<String>,
    /// Which variant of the choice at a path is read.
    choices: BTreeMap<String, usize>,
    /// Choices of this round in their order, with the number of their variants.
    met: Vec<(String, usize)>,
    /// Which text is tried at a path.
    texts: BTreeMap<String, usize>,
    /// The path whose text was given last: it is the one that was refused.
    last_text: String,
}

/// All paths of a type.
pub(crate) fn fields<T: DeserializeOwned>() -> BTreeSet<String> {
    walked::<T>().fields
}

/// What a fact has beside its value.
pub(crate) fn beside_a_value() -> impl Iterator<Item = String> {
    walked::<daicho_report::Reading<bool>>().beside.into_iter()
}

fn walked<T: DeserializeOwned>() -> Seen {
    let seen = RefCell::new(Seen::default());
    for _ in 0..ROUNDS_MAX {
        seen.borrow_mut().met.clear();
        let read = T::deserialize(Walk::at(&seen, String::new()));
        let mut now = seen.borrow_mut();
        if let Err(error) = read {
            let path = now.last_text.clone();
            let text = now.texts.entry(path.clone()).or_default();
            *text += 1;
            assert!(*text < TEXTS.len(), "no text fits `{path}`: {error}");
            continue;
        }
        // The next variant of the last choice that has one: those within it have all been read.
        let open = |(path, of): &&(String, usize)| now.choices[path] + 1 < *of;
        let Some((path, _)) = now.met.iter().rev().find(open).cloned() else {
            drop(now);
            return seen.into_inner();
        };
        *now.choices.entry(path).or_default() += 1;
    }
    panic!("too many variants");
}

/// The reader of the made-up value at one path.
struct Walk<'a> {
    seen: &'a RefCell<Seen>,
    path: String,
    beside: bool,
}

impl<'a> Walk<'a> {
    fn at(seen: &'a RefCell<Seen>, path: String) -> Self {
        let beside = false;
        Self { seen, path, beside }
    }

    fn below(&self, name: &str) -> Walk<'a> {
        let path = match self.path.as_str() {
            "" => name.to_owned(),
            path => format!("{path}.{name}"),
        };
        Walk {
            seen: self.seen,
            path,
            beside: self.beside,
        }
    }

    fn leaf(&self) {
        let mut seen = self.seen.borrow_mut();
        let fields = if self.beside {
            &mut seen.beside
        } else {
            &mut seen.fields
        };
        fields.insert(self.path.clone());
    }

    fn text(&self) -> &'static str {
        self.leaf();
        let mut seen = self.seen.borrow_mut();
        seen.last_text = self.path.clone();
        let at = seen.texts.get(&self.path).copied().unwrap_or(0);
        TEXTS[at]
    }
}

macro_rules! leaves {
    ($($method:ident => $visit:ident($value:expr);)*) => {$(
        fn $method<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
            self.leaf();
            visitor.$visit($value)
        }
    )*};
}

impl<'de> Deserializer<'de> for Walk<'_> {
    type Error = Error;

    leaves! {
        deserialize_bool => visit_bool(true);
        deserialize_i8 => visit_i8(1);
        deserialize_i16 => visit_i16(1);
        deserialize_i32 => visit_i32(1);
        deserialize_i64 => visit_i64(1);
        deserialize_u8 => visit_u8(1);
        deserialize_u16 => visit_u16(1);
        deserialize_u32 => visit_u32(1);
        deserialize_u64 => visit_u64(1);
        deserialize_f32 => visit_f32(1.0);
        deserialize_f64 => visit_f64(1.0);
        deserialize_char => visit_char('a');
    }

    fn deserialize_unit<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        self.leaf();
        visitor.visit_unit()
    }

    fn deserialize_str<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        visitor.visit_borrowed_str(self.text())
    }

    fn deserialize_string<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        visitor.visit_string(self.text().to_owned())
    }

    fn deserialize_bytes<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        self.leaf();
        visitor.visit_bytes(b"a")
    }

    fn deserialize_byte_buf<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        self.deserialize_bytes(visitor)
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        visitor.visit_some(self)
    }

    fn deserialize_unit_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        visitor: V,
    ) -> Result<V::Value, Error> {
        self.deserialize_unit(visitor)
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        name: &'static str,
        visitor: V,
    ) -> Result<V::Value, Error> {
        if name == RAW {
            return visitor.visit_map(Raw(Some(self)));
        }
        visitor.visit_newtype_struct(self)
    }

    fn deserialize_seq<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        let path = format!("{}[]", self.path);
        visitor.visit_seq(Items(vec![Walk { path, ..self }]))
    }

    fn deserialize_tuple<V: Visitor<'de>>(self, len: usize, visitor: V) -> Result<V::Value, Error> {
        let parts = (0..len).rev().map(|it| self.below(&it.to_string()));
        visitor.visit_seq(Items(parts.collect()))
    }

    fn deserialize_tuple_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        len: usize,
        visitor: V,
    ) -> Result<V::Value, Error> {
        self.deserialize_tuple(len, visitor)
    }

    fn deserialize_map<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        visitor.visit_map(Entry {
            key: Some(self.below("(key)")),
            value: self.below("(value)"),
        })
    }

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Error> {
        visitor.visit_map(Fields {
            walk: self,
            fields,
            fact: false,
        })
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        name: &'static str,
        variants: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Error> {
        let fact = name == FACT;
        let key = format!("{} {name} {}", self.path, self.beside);
        let mut seen = self.seen.borrow_mut();
        let at = *seen.choices.entry(key.clone()).or_default();
        seen.met.push((key, variants.len()));
        drop(seen);
        let variant = variants[at];
        visitor.visit_enum(Choice {
            walk: self,
            variant,
            fact,
        })
    }

    fn deserialize_identifier<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        self.deserialize_str(visitor)
    }

    fn deserialize_any<V: Visitor<'de>>(self, _: V) -> Result<V::Value, Error> {
        panic!("`{}` does not say what it is", self.path)
    }

    fn deserialize_ignored_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        visitor.visit_unit()
    }
}

/// One item of each kind; the last one is read first.
struct Items<'a>(Vec<Walk<'a>>);

impl<'de> SeqAccess<'de> for Items<'_> {
    type Error = Error;

    fn next_element_seed<T: DeserializeSeed<'de>>(
        &mut self,
        seed: T,
    ) -> Result<Option<T::Value>, Error> {
        let item = self.0.pop();
        item.map(|it| seed.deserialize(it)).transpose()
    }
}

/// The fields of a structure, in their order.
struct Fields<'a> {
    walk: Walk<'a>,
    fields: &'static [&'static str],
    fact: bool,
}

impl<'de> MapAccess<'de> for Fields<'_> {
    type Error = Error;

    fn next_key_seed<K: DeserializeSeed<'de>>(
        &mut self,
        seed: K,
    ) -> Result<Option<K::Value>, Error> {
        let Some(name) = self.fields.first() else {
            return Ok(None);
        };
        seed.deserialize(BorrowedStrDeserializer::new(name))
            .map(Some)
    }

    fn next_value_seed<V: DeserializeSeed<'de>>(&mut self, seed: V) -> Result<V::Value, Error> {
        let (name, rest) = self.fields.split_first().expect("a key came before");
        self.fields = rest;
        seed.deserialize(match (self.fact, *name) {
            (false, name) => self.walk.below(name),
            (true, "value") => Walk::at(self.walk.seen, self.walk.path.clone()),
            (true, name) => Walk {
                seen: self.walk.seen,
                path: name.to_owned(),
                beside: true,
            },
        })
    }
}

/// One entry of a map.
struct Entry<'a> {
    key: Option<Walk<'a>>,
    value: Walk<'a>,
}

impl<'de> MapAccess<'de> for Entry<'_> {
    type Error = Error;

    fn next_key_seed<K: DeserializeSeed<'de>>(
        &mut self,
        seed: K,
    ) -> Result<Option<K::Value>, Error> {
        let key = self.key.take();
        key.map(|it| seed.deserialize(it)).transpose()
    }

    fn next_value_seed<V: DeserializeSeed<'de>>(&mut self, seed: V) -> Result<V::Value, Error> {
        let path = self.value.path.clone();
        let Walk { seen, beside, .. } = self.value;
        seed.deserialize(Walk { seen, path, beside })
    }
}

/// Bytes that are kept as they are.
struct Raw<'a>(Option<Walk<'a>>);

impl<'de> MapAccess<'de> for Raw<'_> {
    type Error = Error;

    fn next_key_seed<K: DeserializeSeed<'de>>(
        &mut self,
        seed: K,
    ) -> Result<Option<K::Value>, Error> {
        seed.deserialize(StrDeserializer::new(RAW)).map(Some)
    }

    fn next_value_seed<V: DeserializeSeed<'de>>(&mut self, seed: V) -> Result<V::Value, Error> {
        seed.deserialize(self.0.take().expect("one value"))
    }
}

/// The variant whose turn it is.
struct Choice<'a> {
    walk: Walk<'a>,
    variant: &'static str,
    fact: bool,
}

impl<'de, 'a> EnumAccess<'de> for Choice<'a> {
    type Error = Error;
    type Variant = Choice<'a>;

    fn variant_seed<V: DeserializeSeed<'de>>(
        self,
        seed: V,
    ) -> Result<(V::Value, Choice<'a>), Error> {
        let value = seed.deserialize(StrDeserializer::new(self.variant))?;
        Ok((value, self))
    }
}

impl<'de> VariantAccess<'de> for Choice<'_> {
    type Error = Error;

    fn unit_variant(self) -> Result<(), Error> {
        self.walk.leaf();
        Ok(())
    }

    fn newtype_variant_seed<T: DeserializeSeed<'de>>(self, seed: T) -> Result<T::Value, Error> {
        seed.deserialize(self.walk.below(self.variant))
    }

    fn tuple_variant<V: Visitor<'de>>(self, len: usize, visitor: V) -> Result<V::Value, Error> {
        self.walk
            .below(self.variant)
            .deserialize_tuple(len, visitor)
    }

    fn struct_variant<V: Visitor<'de>>(
        self,
        fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Error> {
        let walk = if self.fact {
            self.walk
        } else {
            self.walk.below(self.variant)
        };
        visitor.visit_map(Fields {
            walk,
            fields,
            fact: self.fact,
        })
    }
}
