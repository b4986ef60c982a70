// An async function: callouts run before the body's first await, and the body may await, return early and use `?`.

#![forbid(unsafe_code)]
#![deny(warnings)]

use std::future::ready;
use std::pin::pin;
use std::task::{Context, Poll, Waker};

hooks::declare_hooks! {
    pub hook received(text: &mut String, count: u32) -> [Continue, Drop];
}

struct Server(u32);

impl Server {
    #[hooks::hook_point(received)]
    async fn receive(&mut self, handle: &mut hooks::CalloutHandle<'_>, text: &mut String, count: u32) -> Result<u32, std::fmt::Error> {
        if count == 0 {
            return Ok(0);
        }
        self.0 += ready(count).await;
        let length = ready(Ok::<_, std::fmt::Error>(text.len() as u32)).await?;
        text.clear();
        Ok(self.0 + length)
    }
}

#[hooks::hook_point(statuses = [Continue, Drop])]
async fn nothing(handle: &mut hooks::CalloutHandle<'_>) {}

fn run<T>(future: impl Future<Output = T> + Send) -> T {
    match pin!(future).poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(value) => value,
        Poll::Pending => panic!("nothing is waited for"),
    }
}

fn main() {
    let hooks = hooks::Hooks::new();
    let (mut handle, mut server, mut text) = (hooks.handle(), Server(1), String::from("abc"));
    assert_eq!(run(server.receive(&mut handle, &mut text, 0)), hooks::Step::Done(Ok(0)));
    assert_eq!(run(server.receive(&mut handle, &mut text, 2)), hooks::Step::Done(Ok(6)));
    assert_eq!(text, "");
    assert_eq!(run(nothing(&mut handle)), hooks::Step::Done(()));
}
