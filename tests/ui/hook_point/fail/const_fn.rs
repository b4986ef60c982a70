// Which callouts are attached is only known at run time.

#[hooks::hook_point(statuses = [Continue, Drop])]
const fn receive(handle: &mut hooks::CalloutHandle, count: u32) {
    let _ = (handle, count);
}

fn main() {}
