// There would be nothing that SKIP leaves out.

trait Receive {
    #[hooks::hook_point(statuses = [Continue, Drop])]
    fn receive(handle: &mut hooks::CalloutHandle, count: u32);
}

fn main() {}
