// A callout could keep what is only lent for the time of the call.

#[hooks::hook_point(statuses = [Continue, Drop])]
fn receive(handle: &mut hooks::CalloutHandle, query: &'static String) {
    let _ = (handle, query);
}

fn main() {}
