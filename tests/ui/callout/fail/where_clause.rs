// A bound could ask that an argument lives longer than the call.

hooks::declare_hooks! {
    /// A text has been received.
    pub hook received(query: &mut String, peer: &String, count: u32) -> [Continue, Skip, Drop];
}

#[hooks::callout(received)]
fn length<'a>(query: &'a String)
where
    'a: 'static,
{
    let _ = query;
}

fn main() {}
