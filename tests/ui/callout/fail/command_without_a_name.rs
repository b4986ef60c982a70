use hooks::{Command, Response};

struct Root;

#[hooks::plugin]
impl hooks::Plugin for Root {
    type Parameters = hooks::NoParameters;

    fn load(_: hooks::NoParameters, _: &mut hooks::LibraryHandle) -> Result<Self, hooks::BoxError> {
        Ok(Root)
    }
}

#[hooks::callout(hooks::command_callout, manual)]
fn answer(command: &Command, response: &mut Response) {
    response.set(0, command.name());
}

fn main() {}
