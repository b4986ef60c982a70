// Only a plugin root has somebody to hand over to.

struct Root;

impl hooks::HandOver for Root {
    type State = u32;

    fn hand_over(&self) -> Result<u32, hooks::BoxError> {
        Ok(1)
    }

    fn take_over(
        _: u32,
        _: hooks::NoParameters,
        _: &mut hooks::LibraryHandle,
    ) -> Result<Self, hooks::BoxError> {
        Ok(Root)
    }
}

fn main() {}
