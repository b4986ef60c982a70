// The framework could not choose the constant.

hooks::declare_hooks! {
    /// A text has been received.
    pub hook received(query: &mut String, peer: &String, count: u32) -> [Continue, Skip, Drop];
}

#[hooks::callout(received)]
fn length<const N: usize>(count: u32) {
    let _ = count;
}

fn main() {}
