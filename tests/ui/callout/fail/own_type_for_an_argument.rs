// If this were allowed, a callout could see a `String` as a type of its own.

#![forbid(unsafe_code)]

struct Mine([usize; 3]);

impl hooks::__private::Is<Mine> for String {}

fn main() {}
