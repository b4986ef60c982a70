// Types of arguments are written as they are seen from where the declaration stands.

#![forbid(unsafe_code)]
#![deny(warnings)]

pub mod types {
    #[derive(hooks::HookType)]
    pub struct Packet(pub u32);
    #[derive(hooks::HookType)]
    pub struct Args(pub u32);
    #[derive(hooks::HookType)]
    pub struct NextStep(pub u32);
    #[derive(hooks::HookType)]
    pub struct Step(pub u32);
    #[derive(hooks::HookType)]
    pub struct Hook(pub u32);
    #[derive(hooks::HookType)]
    pub struct POINT(pub u32);
    #[derive(hooks::HookType)]
    pub struct F(pub u32);
    #[derive(hooks::HookType)]
    pub struct R(pub u32);
}

pub mod points {
    use super::types::{Args, F, Hook, NextStep, POINT, R, Step};

    pub mod inner {
        #[derive(hooks::HookType)]
        pub struct Detail(pub u32);
    }

    #[derive(hooks::HookType)]
    pub struct Local(pub u32);
    pub const LENGTH: usize = 2;

    hooks::declare_hooks! {
        pub hook paths(
            a: &mut self::Local, b: &super::types::Packet, c: &crate::types::Packet, d: &self::inner::Detail,
            e: &inner::Detail, f: &Vec<self::Local>, g: &[self::Local; self::LENGTH], h: &std::string::String,
            i: &Option<super::types::Packet>, j: &(self::Local, Local), k: &super::types::Packet,
        ) -> [Continue, Drop];
        pub(super) hook names(args: &Args, next_step: &NextStep, step: &Step, hook: &mut Hook, point: &Vec<POINT>, name: u8)
            -> [Continue, Skip, Drop, Park];
        pub hook parameters(f: &F, r: &mut R) -> [Continue, Drop];
        pub hook manual() -> [Continue, Drop];
        pub(in crate::points) hook none() -> [Park, Drop, Continue,];
    }

    pub fn call_none(handle: &mut hooks::CalloutHandle) -> bool {
        none::call(handle, || none::Args {}).is_continue()
    }
}

hooks::declare_hooks! {}

#[hooks::callout(points::manual)]
fn by_path() {}

use points::manual;

#[hooks::callout(self::manual, manual)]
fn by_name() {}

static LIST: &Vec<points::Local> = &Vec::new();
static TEXT: &String = &String::new();
static POINTS: &Vec<types::POINT> = &Vec::new();

fn main() {
    use points::{Local, inner::Detail, names, paths};
    use types::{Args, Hook, NextStep, Packet, Step};
    let hooks = hooks::Hooks::new();
    let mut handle = hooks.handle();
    let mut a = Local(1);
    let step = paths::call(&mut handle, || paths::Args {
        a: &mut a, b: &Packet(1), c: &Packet(1), d: &Detail(1), e: &Detail(1), f: LIST, g: &[Local(1), Local(1)], h: TEXT,
        i: &None, j: &(Local(1), Local(1)), k: &Packet(1),
    });
    assert_eq!(step, paths::NextStep::Continue);
    let mut hook = Hook(1);
    let step = names::call(&mut handle, || names::Args {
        args: &Args(1), next_step: &NextStep(1), step: &Step(1), hook: &mut hook, point: POINTS, name: 3,
    });
    assert!(matches!(step, names::Step::Continue));
    assert!(points::call_none(&mut handle));
    let _ = points::parameters::callout(|_, args| args.r.0 = args.f.0);
}
