//! Unpacks the module in three kilobytes of WebAssembly, of which the npm package holds the base64: the same in JavaScript takes
//! four times as long, for it runs once, before any compiler has warmed up.

#![cfg_attr(target_arch = "wasm32", no_std)]

pub mod lzma;
pub mod structure;

#[cfg(target_arch = "wasm32")]
mod module {
    use crate::lzma;
    use crate::structure::{self, Structure};

    static mut ODDS: [u16; lzma::ODDS] = [0; lzma::ODDS];
    static mut STRUCTURE: Structure = Structure::new(0, 0);

    /// Unpacks the `length` bytes at `source` to the `size` bytes at `out`; the host lets them not overlap, leaves as much room
    /// and a little more behind them, and calls once.
    #[no_mangle]
    pub extern "C" fn unpack(source: *const u8, length: usize, out: *mut u8, size: usize) {
        // SAFETY: the host put the source there and leaves the room behind it free, within the memory that it was built with
        // (an access beyond that traps); nothing else runs in the module.
        let (source, out, mixed, odds) = unsafe {
            let odds = &mut *core::ptr::addr_of_mut!(ODDS);
            let mixed = core::slice::from_raw_parts_mut(out.add(size), size + structure::HEAD);
            (core::slice::from_raw_parts(source, length), core::slice::from_raw_parts_mut(out, size), mixed, odds)
        };
        lzma::unpack(source, mixed, odds);
        structure::join(mixed, out);
    }

    /// Begins with a module whose functions are there. The build asks for this and the next; then they are taken out of what is
    /// shipped.
    #[no_mangle]
    pub extern "C" fn begin(begin: u32, end: u32) {
        // SAFETY: nothing else runs in the module.
        unsafe { STRUCTURE = Structure::new(begin, end) };
    }

    /// The stream that the next byte of the module belongs to.
    #[no_mangle]
    pub extern "C" fn stream(byte: u8) -> usize {
        // SAFETY: nothing else runs in the module.
        let structure = unsafe { &mut *core::ptr::addr_of_mut!(STRUCTURE) };
        let stream = structure.stream();
        structure.next(byte);
        stream
    }

    #[panic_handler]
    fn panic(_: &core::panic::PanicInfo) -> ! {
        core::arch::wasm32::unreachable()
    }
}
