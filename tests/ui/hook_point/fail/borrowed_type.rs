// An argument that borrows could be kept by a callout for longer than it lives.

struct Query<'a>(&'a str);

#[hooks::hook_point(statuses = [Continue, Drop])]
fn receive(handle: &mut hooks::CalloutHandle, query: &Query<'_>) {
    let _ = (handle, query);
}

fn main() {}
