// What is handed over crosses as JSON.

struct Root;

#[hooks::plugin]
impl hooks::Plugin for Root {
    type Parameters = hooks::NoParameters;
    fn load(_: hooks::NoParameters, _: &mut hooks::LibraryHandle) -> Result<Self, hooks::BoxError> {
        Ok(Root)
    }
}

#[derive(serde::Deserialize)]
struct State;

impl hooks::HandOver for Root {
    type State = State;

    fn hand_over(&self) -> Result<State, hooks::BoxError> {
        Ok(State)
    }

    fn take_over(
        _: State,
        _: hooks::NoParameters,
        _: &mut hooks::LibraryHandle,
    ) -> Result<Self, hooks::BoxError> {
        Ok(Root)
    }
}

fn main() {}
