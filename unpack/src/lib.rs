//! Unpacks LZMA in a kilobyte of WebAssembly, of which the npm package holds the base64: the same in JavaScript takes four
//! times as long, for it runs once, before any compiler has warmed up.

#![cfg_attr(target_arch = "wasm32", no_std)]

pub mod lzma;

#[cfg(target_arch = "wasm32")]
mod module {
    use crate::lzma;

    static mut ODDS: [u16; lzma::ODDS] = [0; lzma::ODDS];

    /// Unpacks the `length` bytes at `source` to the `size` bytes at `out`; the host lets them not overlap, and calls once.
    #[no_mangle]
    pub extern "C" fn unpack(source: *const u8, length: usize, out: *mut u8, size: usize) {
        // SAFETY: the host put the source there and leaves the room behind it free, within the memory that it was built with
        // (an access beyond that traps); nothing else runs in the module.
        let (source, out, odds) = unsafe {
            let odds = &mut *core::ptr::addr_of_mut!(ODDS);
            (core::slice::from_raw_parts(source, length), core::slice::from_raw_parts_mut(out, size), odds)
        };
        lzma::unpack(source, out, odds);
    }

    #[panic_handler]
    fn panic(_: &core::panic::PanicInfo) -> ! {
        core::arch::wasm32::unreachable()
    }
}
