//! Unpacks the module in three and a half kilobytes of WebAssembly, which the npm package holds as text: the same in JavaScript
//! takes several times as long, for it runs once, before any compiler has warmed up. The build packs the module by the same code.

#![cfg_attr(target_arch = "wasm32", no_std)]

pub mod coder;
pub mod model;
pub mod structure;
pub mod writer;

#[cfg(target_arch = "wasm32")]
mod module {
    use core::ptr::addr_of_mut;
    use core::slice::{from_raw_parts, from_raw_parts_mut};

    use crate::coder::Reader;
    use crate::model::{tree, Model, TREES};
    use crate::structure::Structure;
    use crate::writer::Writer;

    static mut MODEL: Model = Model::new();
    static mut STRUCTURE: Structure = Structure::new(0, 0);

    /// Unpacks the `length` bytes at `source` to the `size` bytes at `out`: a module whose functions are from `begin` to `end`. The
    /// host lets them not overlap, and calls once.
    #[no_mangle]
    pub extern "C" fn unpack(source: *const u8, length: usize, out: *mut u8, size: usize, begin: u32, end: u32) {
        // SAFETY: the host put the source there and leaves the room behind it free, within the memory that it was built with
        // (an access beyond that traps); nothing else runs in the module.
        let (source, out, model) =
            unsafe { (from_raw_parts(source, length), from_raw_parts_mut(out, size), &mut *addr_of_mut!(MODEL)) };
        model.module(&mut Reader::new(source), &mut Structure::new(begin, end), &[], out);
    }

    /// Packs the `size` bytes at `source` to the `room` bytes at `out`, with `lengths` for its trees; how many bytes it takes. This
    /// and the next two are for the build; then they are taken out of what is shipped.
    #[no_mangle]
    pub extern "C" fn pack(
        source: *mut u8,
        size: usize,
        lengths: *const u8,
        out: *mut u8,
        room: usize,
        begin: u32,
        end: u32,
    ) -> usize {
        // SAFETY: as above.
        let (source, lengths, out, model) = unsafe {
            let lengths = from_raw_parts(lengths, TREES * 256);
            (from_raw_parts_mut(source, size), lengths, from_raw_parts_mut(out, room), &mut *addr_of_mut!(MODEL))
        };
        let mut writer = Writer::new(out);
        model.module(&mut writer, &mut Structure::new(begin, end), lengths, source);
        writer.finish()
    }

    /// Begins with a module whose functions are there.
    #[no_mangle]
    pub extern "C" fn begin(begin: u32, end: u32) {
        // SAFETY: nothing else runs in the module.
        unsafe { STRUCTURE = Structure::new(begin, end) };
    }

    /// Which of the trees the next byte of the module belongs to, from 0 on.
    #[no_mangle]
    pub extern "C" fn tree_of(byte: u8) -> usize {
        // SAFETY: nothing else runs in the module.
        let structure = unsafe { &mut *addr_of_mut!(STRUCTURE) };
        let (kind, _) = structure.contexts();
        structure.next(byte);
        tree(kind) - 1
    }

    #[panic_handler]
    fn panic(_: &core::panic::PanicInfo) -> ! {
        core::arch::wasm32::unreachable()
    }
}
