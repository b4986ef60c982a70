//! The loop of every workload.
#![expect(unsafe_code, reason = "hides a number from the optimizer in the register where it is, and aligns loops")]

use std::arch::asm;

/// Runs `body` `times` times. The loop itself takes three instructions, a decrement, a test and a branch, and is never unrolled.
#[inline(always)]
pub fn repeat(times: u64, mut body: impl FnMut(u64)) {
    let mut left = times;
    align();
    while left != 0 {
        body(left);
        left = keep(left - 1);
    }
}

/// Begins a cache line, so that where the linker puts a loop makes no difference: a short one that lies in two lines takes twice as long.
#[inline(always)]
fn align() {
    // SAFETY: there is nothing in it but padding.
    #[cfg(target_arch = "x86_64")]
    unsafe {
        asm!(".p2align 6", options(nomem, nostack, preserves_flags));
    }
}

/// The same number, of which the optimizer knows nothing. `std::hint::black_box` would store and load it.
#[inline(always)]
fn keep(mut number: u64) -> u64 {
    // SAFETY: there is no instruction in it.
    unsafe { asm!("/* {0} */", inout(reg) number, options(nomem, nostack, preserves_flags)) };
    number
}
