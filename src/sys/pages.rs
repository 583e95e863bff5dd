//! Memory in pages of 64 KiB, cut from regions of 2 MiB that the system can map as one. Knows nothing of what is in them.
//!
//! Random reads of much memory wait for address translation as long as for the
//! memory itself; with huge pages one translation serves 2 MiB. A pool hands a
//! region's pages to whoever asks, so that only one region is partly used. It
//! takes them from the first region that has any, so that the others run
//! empty, and gives back what is free: whole regions, and single pages when
//! there are many.

use std::ptr::NonNull;
use std::sync::atomic::{AtomicUsize, Ordering};

use super::region::{self, PAGE, REGION_PAGES};
use super::Lock;
use crate::Error;

/// Regions that begin in small pages: a huge one would make a small store large.
const SMALL_REGIONS: usize = 4;

/// Where the pages of one engine come from.
pub struct Pool {
    regions: Lock<Regions>,
    /// Pages that have memory, whoever has them.
    resident: AtomicUsize,
    /// Whether what was in its pages is erased; who puts one back does it.
    erase: bool,
}

struct Regions {
    /// `None`: given back.
    regions: Vec<Option<Region>>,
    /// No region before this one has a free page.
    first_free: usize,
    /// Pages handed out.
    used: usize,
    /// Free pages that still have memory.
    kept: usize,
}

struct Region {
    start: NonNull<u8>,
    /// Bits of the pages that nobody has.
    free: u32,
    /// Bits of those that somebody had and that still have memory.
    kept: u32,
    /// Whether the system may make one huge page of it.
    huge: bool,
}

// SAFETY: nobody but the pool and the owners of its pages reaches the memory.
unsafe impl Send for Region {}

/// Names a page's region.
pub type RegionNumber = u32;

impl Pool {
    pub fn new() -> Self {
        let regions = Regions { regions: Vec::new(), first_free: 0, used: 0, kept: 0 };
        Pool { regions: Lock::new(regions), resident: AtomicUsize::new(0), erase: false }
    }

    /// One that wants what was in its memory erased, or not.
    pub fn erasing(self, erase: bool) -> Self {
        Pool { erase, ..self }
    }

    pub fn erases(&self) -> bool {
        self.erase
    }

    /// A page of zeroes, aligned to a cache line at least, and its region. It is
    /// the caller's alone until it is put back.
    pub fn take(&self) -> Result<(NonNull<u8>, RegionNumber), Error> {
        self.change(Regions::take)
    }

    /// Takes a page back.
    ///
    /// # Safety
    /// It came from `take` of this pool, with this region, and is not used again.
    pub unsafe fn put(&self, page: NonNull<u8>, region: RegionNumber) {
        self.change(|regions| regions.put(page, region as usize));
    }

    fn change<T>(&self, change: impl FnOnce(&mut Regions) -> T) -> T {
        let mut regions = self.regions.lock();
        let result = change(&mut regions);
        self.resident.store(regions.used + regions.kept, Ordering::Relaxed);
        result
    }

    /// Bytes that have memory.
    pub fn resident(&self) -> u64 {
        (self.resident.load(Ordering::Relaxed) * PAGE) as u64
    }
}

impl Regions {
    fn take(&mut self) -> Result<(NonNull<u8>, RegionNumber), Error> {
        let has_free_page = |region: &Option<Region>| region.as_ref().is_some_and(|region| region.free != 0);
        let number = match self.regions.iter().skip(self.first_free).position(has_free_page) {
            Some(steps) => self.first_free + steps,
            None => self.add()?,
        };
        self.first_free = number;
        let Some(Some(region)) = self.regions.get_mut(number) else { return Err(Error::Internal) };
        // Rather one that still has memory.
        let page = (if region.kept != 0 { region.kept } else { region.free }).trailing_zeros();
        let is_kept = region.kept & (1 << page) != 0;
        region.free &= !(1 << page);
        region.kept &= !(1 << page);
        self.used += 1;
        self.kept -= usize::from(is_kept);
        if region.free == 0 && !region.huge && number >= SMALL_REGIONS {
            region.huge = true;
            region::advise_huge(region.start); // it is full again
        }
        // SAFETY: a page of the region, which nobody has.
        let start = unsafe { region.start.add(page as usize * PAGE) };
        if is_kept {
            // SAFETY: as above.
            unsafe { start.write_bytes(0, PAGE) };
        }
        Ok((start, number as RegionNumber))
    }

    /// Maps a region and gives its number.
    fn add(&mut self) -> Result<usize, Error> {
        self.regions.try_reserve(1)?;
        let number = self.regions.iter().position(Option::is_none).unwrap_or(self.regions.len());
        let start = region::map()?;
        if number >= SMALL_REGIONS {
            region::advise_huge(start);
            // The store is large now: its first regions follow one by one.
            if let Some(Some(small)) = self.regions.get(number - SMALL_REGIONS).filter(|_| number < 2 * SMALL_REGIONS) {
                region::make_huge(small.start);
            }
        }
        let region = Some(Region { start, free: u32::MAX, kept: 0, huge: number >= SMALL_REGIONS });
        match self.regions.get_mut(number) {
            Some(place) => *place = region,
            None => self.regions.push(region),
        }
        Ok(number)
    }

    fn put(&mut self, page: NonNull<u8>, number: usize) {
        let Some(Some(region)) = self.regions.get_mut(number) else { return };
        let bit = 1 << ((page.addr().get() - region.start.addr().get()) / PAGE);
        region.free |= bit;
        region.kept |= bit;
        self.used -= 1;
        self.kept += 1;
        self.first_free = self.first_free.min(number);
        if region.free == u32::MAX {
            self.kept -= region.kept.count_ones() as usize;
            region::unmap(region.start);
            self.regions[number] = None;
        } else if self.kept > REGION_PAGES / 2 + self.used / 64 {
            self.kept -= region.kept.count_ones() as usize;
            for page in (0..REGION_PAGES).filter(|page| region.kept & (1 << page) != 0) {
                // SAFETY: a page of the region.
                region::discard(unsafe { region.start.add(page * PAGE) });
            }
            if std::mem::take(&mut region.huge) {
                region::advise_small(region.start); // or the system fills what was given back
            }
            region.kept = 0;
        }
    }
}

impl Drop for Regions {
    fn drop(&mut self) {
        self.regions.iter().flatten().for_each(|region| region::unmap(region.start));
    }
}

#[cfg(test)]
impl Pool {
    /// Pages handed out, and free pages that still have memory.
    pub fn used_and_kept(&self) -> (usize, usize) {
        let regions = self.regions.lock();
        (regions.used, regions.kept)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bytes(page: NonNull<u8>) -> &'static mut [u8] {
        // SAFETY: each test writes to pages that it has, one at a time.
        unsafe { std::slice::from_raw_parts_mut(page.as_ptr(), PAGE) }
    }

    #[test]
    fn pages_are_zero_whoever_had_them_and_go_back() {
        const COUNT: usize = REGION_PAGES * (SMALL_REGIONS + 3) + 5;
        let pool = Pool::new();
        for round in 0..3 {
            let mut pages: Vec<_> = (0..COUNT).map(|_| pool.take().unwrap()).collect();
            for (number, &(page, _)) in pages.iter().enumerate() {
                assert!(bytes(page) == [0; PAGE], "page {number} of round {round}");
                bytes(page).fill(number as u8 | 1);
            }
            for (number, &(page, _)) in pages.iter().enumerate() {
                assert!(bytes(page) == [number as u8 | 1; PAGE], "page {number} is another's, too");
            }
            // Every seventh stays: no region is empty.
            let stay: Vec<_> = pages.iter().copied().step_by(7).collect();
            pages = pages.into_iter().enumerate().filter(|(number, _)| number % 7 != 0).map(|(_, page)| page).collect();
            // SAFETY: taken above, not used any more.
            pages.into_iter().for_each(|(page, region)| unsafe { pool.put(page, region) });
            let (used, kept) = pool.used_and_kept();
            assert_eq!(used, stay.len());
            assert!(kept <= REGION_PAGES / 2 + COUNT / 64, "{kept} pages kept");
            let (page, region) = pool.take().unwrap();
            assert!(bytes(page) == [0; PAGE], "a page that was kept is zero, too");
            // SAFETY: as above.
            unsafe { pool.put(page, region) };
            // SAFETY: as above.
            stay.into_iter().for_each(|(page, region)| unsafe { pool.put(page, region) });
            assert_eq!(pool.used_and_kept(), (0, 0));
            assert!(pool.regions.lock().regions.iter().all(Option::is_none));
        }
    }
}
