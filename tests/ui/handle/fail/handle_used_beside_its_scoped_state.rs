// The arguments are cleared when the scoped state goes.

fn step(handle: &mut hooks::CalloutHandle) -> Result<(), hooks::Error> {
    let mut state = handle.scoped_state();
    handle.set_argument("count", 1_u32)?;
    state.set_argument("count", 2_u32)
}

fn main() {}
