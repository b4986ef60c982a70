// Methods, lifetimes, `?`, early returns, results that borrow, and parameters that are no arguments.

#![forbid(unsafe_code)]
#![deny(warnings)]

use hooks::{CalloutHandle, Hooks, Step};

hooks::declare_hooks! {
    pub hook selected(query: &String, addresses: &mut Vec<u32>, count: u32) -> [Continue, Skip, Drop];
}

struct Server {
    names: Vec<String>,
    calls: u32,
}

trait Parse {
    fn parse(&self, handle: &mut CalloutHandle, query: &String) -> Step<bool>;
}

impl Server {
    #[hooks::hook_point(selected)]
    fn select(&self, handle: &mut CalloutHandle, query: &String, addresses: &mut Vec<u32>, count: u32) -> Option<&String> {
        if count == 0 {
            return None;
        }
        addresses.push(count);
        self.names.iter().find(|name| *name == query)
    }

    #[hooks::hook_point(selected)]
    fn count(&mut self, handle: &mut CalloutHandle, query: &String, addresses: &mut Vec<u32>, mut count: u32) -> Result<u32, std::num::ParseIntError> {
        self.calls += 1;
        count += query.parse::<u32>()?;
        addresses.push(self.calls);
        Ok(count)
    }

    #[hooks::hook_point(self::selected)]
    fn longest<'a, 'b: 'a>(
        handle: &mut CalloutHandle,
        query: &'a String,
        addresses: &'b mut Vec<u32>,
        count: u32,
        #[not_argument] other: &'b String,
        #[not_argument] (min, max): (usize, usize),
    ) -> (&'a String, &'b [u32])
    where
        'b: 'a,
    {
        addresses.push(count);
        (if query.len() >= min && query.len() <= max { query } else { other }, addresses)
    }

    /// Takes itself.
    #[hooks::hook_point(statuses = [Continue, Drop])]
    fn take(self, request: &mut hooks::CalloutHandle<'_>) -> Vec<String> {
        self.names
    }
}

impl Parse for Server {
    #[hooks::hook_point(statuses = [Continue, Skip], on_failure = Continue)]
    fn parse(&self, handle: &mut CalloutHandle, query: &String) -> bool {
        // The body may go on with the handle.
        handle.status() == hooks::NextStep::Continue && self.names.contains(query)
    }
}

fn main() {
    let hooks = Hooks::new();
    let mut handle = hooks.handle();
    let mut server = Server { names: vec!["7".into()], calls: 0 };
    let (query, mut addresses) = (String::from("7"), vec![]);
    assert_eq!(server.select(&mut handle, &query, &mut addresses, 0), Step::Done(None));
    assert_eq!(server.select(&mut handle, &query, &mut addresses, 3), Step::Done(Some(&query)));
    assert_eq!(server.count(&mut handle, &query, &mut addresses, 3), Step::Done(Ok(10)));
    assert!(server.count(&mut handle, &"x".into(), &mut addresses, 3).done().unwrap().is_err());
    assert_eq!(server.parse(&mut handle, &query), Step::Done(true));
    let other = String::from("other");
    let (longest, all) = Server::longest(&mut handle, &query, &mut addresses, 9, &other, (2, 3)).done().unwrap();
    assert_eq!((longest, all), (&other, &[3, 1, 9][..]));
    assert_eq!(server.take(&mut handle), Step::Done(vec!["7".into()]));
}
