//! What the macros expand to, as text.
