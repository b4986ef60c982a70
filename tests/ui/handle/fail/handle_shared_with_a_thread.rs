// One thread uses a handle at a time.

fn names(handle: &hooks::CalloutHandle) {
    std::thread::scope(|scope| {
        scope.spawn(|| handle.argument_names());
    });
}

fn main() {}
