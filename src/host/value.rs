//! JavaScript values, as the core holds them: by their numbers.
//!
//! The host keeps a list of values for each call, which begins with what its client keeps: that has the same numbers in all
//! of them. A [`Value`] is a place in the list of the call that runs. Copying one costs nothing, and nothing has to be moved
//! or dropped: a seventh of the packed module less than with owned values. A list goes when its call does; what repeats
//! without end within a call takes a [`mark`] and gives back what came since ([`release`]).

use wasm_bindgen::convert::IntoWasmAbi;
use wasm_bindgen::describe::{inform, WasmDescribe, U32};
use wasm_bindgen::prelude::*;

#[wasm_bindgen(js_namespace = laminaHost)]
extern "C" {
    fn get(object: Value, name: &str) -> u32;
    #[wasm_bindgen(js_name = getMember)]
    fn member(object: Value, name: &str) -> i32;
    #[wasm_bindgen(js_name = hasText)]
    fn has_text(object: Value, name: &str) -> bool;
    fn kind(value: Value) -> u8;
    fn number(value: Value) -> f64;
    fn text(value: Value) -> Option<String>;
    #[wasm_bindgen(js_name = ofText)]
    fn of_text(text: &str) -> u32;
    #[wasm_bindgen(js_name = ofNumber)]
    fn of_number(number: f64) -> u32;
    #[wasm_bindgen(js_name = newObject)]
    fn new_object() -> u32;
    #[wasm_bindgen(js_name = newList)]
    fn new_list() -> u32;
    fn set(object: Value, name: &str, value: Value);
    fn push(list: Value, item: Value);
    fn count(list: Value) -> u32;
    fn item(list: Value, place: u32) -> u32;
    fn assign(object: Value, other: Value);
    fn reserve() -> u32;
    fn replace(place: Value, value: Value);

    /// How many values the list of this call holds.
    pub fn mark() -> u32;
    /// Gives back the values that came since `mark`.
    pub fn release(mark: u32);
}

/// A value of the call that runs.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Value(u32);

impl WasmDescribe for Value {
    fn describe() {
        inform(U32);
    }
}

impl IntoWasmAbi for Value {
    type Abi = u32;
    fn into_abi(self) -> u32 {
        self.0
    }
}

/// What a value is. The host's `kind` gives these numbers.
const NULL: u8 = 1;
const FALSE: u8 = 2;
const TRUE: u8 = 3;
const NUMBER: u8 = 4;
const STRING: u8 = 5;
const FUNCTION: u8 = 6;
const OBJECT: u8 = 8;

impl Value {
    /// Undefined; and null, where a member was asked for.
    pub const UNDEFINED: Self = Self(0);

    /// The value with this number, which the shell gave.
    #[must_use]
    pub const fn new(place: u32) -> Self {
        Self(place)
    }

    /// Whether there is no value.
    #[must_use]
    pub fn is_undefined(self) -> bool {
        self == Self::UNDEFINED
    }

    /// Whether it is null, or there is no value.
    #[must_use]
    pub fn is_nothing(self) -> bool {
        self.is_undefined() || kind(self) == NULL
    }

    /// Whether it is an object; an array is one too, and a function is none.
    #[must_use]
    pub fn is_object(self) -> bool {
        kind(self) >= OBJECT
    }

    /// Whether it is a function.
    #[must_use]
    pub fn is_function(self) -> bool {
        kind(self) == FUNCTION
    }

    /// Whether it is a string.
    #[must_use]
    pub fn is_string(self) -> bool {
        kind(self) == STRING
    }

    /// True or false, where it is one of them.
    #[must_use]
    pub fn as_bool(self) -> Option<bool> {
        match kind(self) {
            TRUE => Some(true),
            FALSE => Some(false),
            _ => None,
        }
    }

    /// The number that it is, NaN among them.
    #[must_use]
    pub fn as_f64(self) -> Option<f64> {
        (kind(self) == NUMBER).then(|| number(self))
    }

    /// The number that it is; NaN where it is none.
    #[must_use]
    pub fn number(self) -> f64 {
        if self.is_undefined() {
            f64::NAN
        } else {
            number(self)
        }
    }

    /// The string that it is. Half of a surrogate pair becomes U+FFFD.
    #[must_use]
    pub fn text(self) -> Option<String> {
        if self.is_undefined() {
            None
        } else {
            text(self)
        }
    }

    /// A member; undefined where there is none, where it is null, or where reading it throws.
    #[must_use]
    pub fn get(self, name: &str) -> Self {
        Self(get(self, name))
    }

    /// A member, as above.
    ///
    /// # Errors
    ///
    /// What a getter threw.
    pub fn member(self, name: &str) -> Result<Self, Self> {
        let place = member(self, name);
        if place < 0 {
            Err(Self(place.unsigned_abs()))
        } else {
            Ok(Self(place.unsigned_abs()))
        }
    }

    /// Whether a member is a string, and not empty.
    #[must_use]
    pub fn has_text(self, name: &str) -> bool {
        has_text(self, name)
    }

    /// Sets a member of an object of our own.
    pub fn set(self, name: &str, value: Self) {
        set(self, name, value);
    }

    /// Adds an item to a list of our own.
    pub fn push(self, item: Self) {
        push(self, item);
    }

    /// How many items an array has; none where it is no array.
    #[must_use]
    pub fn count(self) -> u32 {
        count(self)
    }

    /// An item of an array; undefined where there is none, or where reading it throws.
    #[must_use]
    pub fn item(self, place: u32) -> Self {
        Self(item(self, place))
    }

    /// The items of an array, as above.
    pub fn items(self) -> impl Iterator<Item = Self> {
        (0..self.count()).map(move |place| self.item(place))
    }

    /// A new list, still empty.
    #[must_use]
    pub fn list() -> Self {
        Self(new_list())
    }

    /// A plain object. Members that are undefined are left out.
    #[must_use]
    pub fn object(members: &[(&str, Self)]) -> Self {
        let object = Self(new_object());
        object.set_all(members);
        object
    }

    /// Sets members of an object of our own. Those that are undefined are left out.
    pub fn set_all(self, members: &[(&str, Self)]) {
        for (name, value) in members {
            if !value.is_undefined() {
                self.set(name, *value);
            }
        }
    }

    /// Sets all members of `other`, if it is an object whose members can be read, on an object of our own.
    pub fn assign(self, other: Self) {
        assign(self, other);
    }

    /// A place of its own for a value that changes; nothing is there yet. (It is no `Value::UNDEFINED`.)
    #[must_use]
    pub fn reserve() -> Self {
        Self(reserve())
    }

    /// Puts another value in this place, where it outlives its own (see [`release`]).
    pub fn replace(self, value: Self) {
        replace(self, value);
    }
}

impl From<&str> for Value {
    fn from(text: &str) -> Self {
        Self(of_text(text))
    }
}

impl From<f64> for Value {
    fn from(number: f64) -> Self {
        Self(of_number(number))
    }
}

impl From<u32> for Value {
    fn from(number: u32) -> Self {
        f64::from(number).into()
    }
}

impl From<bool> for Value {
    fn from(flag: bool) -> Self {
        // Each list begins with undefined, false and true.
        Self(if flag { 2 } else { 1 })
    }
}
