//! Compression by zstd, with memory from where all of ours comes from. Knows nothing of what is compressed.
//!
//! A library that was built without it has the same functions, which say `Unsupported`. Miri runs no C.

pub use system::{Compressor, Decompressor};

#[cfg(all(feature = "zstd", not(miri)))]
mod system {
    use std::alloc::{alloc, dealloc, Layout};
    use std::ffi::{c_int, c_void};
    use std::ptr::{self, NonNull};

    use zstd_sys as c;

    use crate::sys::erase_at;
    use crate::Error;

    const HIGHEST_LEVEL: u32 = 22;

    pub struct Compressor {
        context: NonNull<c::ZSTD_CCtx>,
        level: c_int,
    }

    // SAFETY: the context belongs to no thread.
    unsafe impl Send for Compressor {}

    impl Compressor {
        /// At levels up to 22.
        pub fn new(level: u32, erase: bool) -> Result<Self, Error> {
            if level > HIGHEST_LEVEL {
                return Err(Error::InvalidArgument);
            }
            // SAFETY: functions that live as long as the library.
            let context = unsafe { c::ZSTD_createCCtx_advanced(memory(erase)) };
            let context = NonNull::new(context).ok_or(Error::OutOfMemory)?;
            Ok(Compressor { context, level: level as c_int })
        }

        /// How many bytes became of them; `None`: more than there is room for.
        pub fn compress(&mut self, bytes: &[u8], room: &mut [u8]) -> Result<Option<usize>, Error> {
            // SAFETY: as many bytes as there are, each borrowed for the call.
            let outcome = unsafe {
                c::ZSTD_compressCCtx(
                    self.context.as_ptr(),
                    room.as_mut_ptr().cast(),
                    room.len(),
                    bytes.as_ptr().cast(),
                    bytes.len(),
                    self.level,
                )
            };
            match outcome {
                len if len <= room.len() => Ok(Some(len)),
                code if is(code, c::ZSTD_ErrorCode::ZSTD_error_dstSize_tooSmall) => Ok(None),
                code => Err(error(code, Error::Internal)),
            }
        }
    }

    impl Drop for Compressor {
        fn drop(&mut self) {
            // SAFETY: from ZSTD_createCCtx_advanced, and not used again.
            unsafe { c::ZSTD_freeCCtx(self.context.as_ptr()) };
        }
    }

    pub struct Decompressor(NonNull<c::ZSTD_DCtx>);

    // SAFETY: the context belongs to no thread.
    unsafe impl Send for Decompressor {}

    impl Decompressor {
        pub fn new(erase: bool) -> Result<Self, Error> {
            // SAFETY: functions that live as long as the library.
            let context = unsafe { c::ZSTD_createDCtx_advanced(memory(erase)) };
            Ok(Decompressor(NonNull::new(context).ok_or(Error::OutOfMemory)?))
        }

        /// Fills the room; what would not is `BadSnapshot`.
        pub fn decompress(&mut self, bytes: &[u8], room: &mut [u8]) -> Result<(), Error> {
            // SAFETY: as many bytes as there are, each borrowed for the call.
            let outcome = unsafe {
                c::ZSTD_decompressDCtx(
                    self.0.as_ptr(),
                    room.as_mut_ptr().cast(),
                    room.len(),
                    bytes.as_ptr().cast(),
                    bytes.len(),
                )
            };
            match outcome == room.len() {
                true => Ok(()),
                false => Err(error(outcome, Error::BadSnapshot)),
            }
        }
    }

    impl Drop for Decompressor {
        fn drop(&mut self) {
            // SAFETY: from ZSTD_createDCtx_advanced, and not used again.
            unsafe { c::ZSTD_freeDCtx(self.0.as_ptr()) };
        }
    }

    /// Errors are the highest numbers.
    fn is(outcome: usize, code: c::ZSTD_ErrorCode) -> bool {
        outcome == 0_usize.wrapping_sub(code as usize)
    }

    fn error(outcome: usize, other: Error) -> Error {
        match is(outcome, c::ZSTD_ErrorCode::ZSTD_error_memory_allocation) {
            true => Error::OutOfMemory,
            false => other,
        }
    }

    /// Bytes before each block, in which its length stands; and a block's alignment.
    const BEFORE: usize = 16;

    fn memory(erase: bool) -> c::ZSTD_customMem {
        let free = if erase { free_erasing } else { free };
        c::ZSTD_customMem { customAlloc: Some(allocate), customFree: Some(free), opaque: ptr::null_mut() }
    }

    unsafe extern "C" fn allocate(_: *mut c_void, len: usize) -> *mut c_void {
        let layout = len.checked_add(BEFORE).and_then(|size| Layout::from_size_align(size, BEFORE).ok());
        let Some(layout) = layout else { return ptr::null_mut() };
        // SAFETY: the size is not zero, and there is room for it at the beginning.
        unsafe {
            let start = alloc(layout);
            if start.is_null() {
                return ptr::null_mut();
            }
            start.cast::<usize>().write(layout.size());
            start.add(BEFORE).cast()
        }
    }

    unsafe extern "C" fn free(_: *mut c_void, block: *mut c_void) {
        // SAFETY: zstd's promise: from `allocate`, and not used again.
        unsafe { release(block, false) }
    }

    unsafe extern "C" fn free_erasing(_: *mut c_void, block: *mut c_void) {
        // SAFETY: as above.
        unsafe { release(block, true) }
    }

    /// # Safety
    /// From `allocate`, and not used again; or null.
    unsafe fn release(block: *mut c_void, erase: bool) {
        let Some(block) = NonNull::new(block) else { return };
        // SAFETY: the caller's promise.
        unsafe {
            let start = block.cast::<u8>().sub(BEFORE);
            let size = start.cast::<usize>().read();
            if erase {
                erase_at(start, size);
            }
            dealloc(start.as_ptr(), Layout::from_size_align_unchecked(size, BEFORE));
        }
    }
}

#[cfg(not(all(feature = "zstd", not(miri))))]
mod system {
    use crate::Error;

    /// There is none.
    pub struct Compressor(());

    impl Compressor {
        pub fn new(_level: u32, _erase: bool) -> Result<Self, Error> {
            Err(Error::Unsupported)
        }

        pub fn compress(&mut self, _bytes: &[u8], _room: &mut [u8]) -> Result<Option<usize>, Error> {
            Err(Error::Unsupported)
        }
    }

    /// There is none.
    pub struct Decompressor(());

    impl Decompressor {
        pub fn new(_erase: bool) -> Result<Self, Error> {
            Err(Error::Unsupported)
        }

        pub fn decompress(&mut self, _bytes: &[u8], _room: &mut [u8]) -> Result<(), Error> {
            Err(Error::Unsupported)
        }
    }
}
