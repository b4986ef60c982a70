// The callout would free the root, which all callouts share.

hooks::declare_hooks! {
    /// A text has been received.
    pub hook received(query: &mut String, peer: &String, count: u32) -> [Continue, Skip, Drop];
}

struct Root;

#[hooks::plugin]
impl hooks::Plugin for Root {
    type Parameters = hooks::NoParameters;
    fn load(_: hooks::NoParameters, _: &mut hooks::LibraryHandle) -> Result<Root, hooks::BoxError> {
        Ok(Root)
    }
}

#[hooks::callout(received)]
fn length(this: Root) {
    let _ = this;
}

fn main() {}
