// Two types of one name in two functions would be taken for each other, and nothing looks inside an opaque field.

fn main() {
    #[derive(hooks::HookType)]
    struct Lease {
        #[hook(opaque = "std")]
        since: std::time::Instant,
    }
}
