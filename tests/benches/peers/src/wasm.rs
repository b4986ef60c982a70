//! A typed function of a WebAssembly module, by wasmtime; the packets lie in the module's memory.

use wasmtime::{Engine, Instance, Module, Store};
use workloads::{Loop, repeat};

use crate::Problem;

/// Does what the other callees do: `length`, at 0, becomes the sum of both `id`, at 8.
const MODULE: &str = r#"(module
    (memory (export "memory") 1)
    (func (export "call") (param $packet i32) (param $from i32) (result i32)
        (local $length i64)
        (i64.store (local.get $packet)
            (local.tee $length (i64.add (i64.load offset=8 (local.get $packet)) (i64.load offset=8 (local.get $from)))))
        (if (result i32) (i64.eq (local.get $length) (i64.const -1)) (then (i32.const 2)) (else (i32.const 0)))))"#;

pub(crate) fn prepare() -> Result<Loop, Problem> {
    let engine = Engine::default();
    let module = Module::new(&engine, MODULE)?;
    let mut store = Store::new(&engine, ());
    let instance = Instance::new(&mut store, &module, &[])?;
    let call = instance.get_typed_func::<(i32, i32), i32>(&mut store, "call")?;
    let memory = instance.get_memory(&mut store, "memory").ok_or("the module has a memory")?;
    memory.write(&mut store, 1024 + 8, &3_u64.to_le_bytes())?;
    Ok(Box::new(move |times| {
        let mut dropped = 0_u64;
        repeat(times, |left| {
            let packet = (left as i32 % 16) * 16;
            dropped += u64::from(!matches!(call.call(&mut store, (packet, 1024)), Ok(0)));
        });
        assert_eq!(dropped, 0, "it does not drop");
    }))
}
