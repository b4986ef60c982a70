// The response is an argument, which other handlers see as well.

#[hooks::callout(command = "lease4-get")]
fn get() -> hooks::Response {
    hooks::Response::default()
}

fn main() {}
