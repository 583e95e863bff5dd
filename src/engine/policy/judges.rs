//! Ways to say what an entry is worth, from what is known of it alone. Knows no other entries, nor which judge is right.

use super::reuse::Reuse;

/// What is known of an entry, there or evicted.
#[derive(Clone, Copy, Default)]
pub struct Past {
    /// When it was asked for, or came.
    pub last: u32,
    /// How often it was asked for, at most.
    pub times: u8,
    /// The logarithm of the time between its last two accesses, see [`logarithm`]; or one of those below.
    pub interval: u8,
}

impl Past {
    /// It came while there was room for all: its interval may be as short as any.
    pub(super) const FIRST: u8 = 0;
    /// It came later, and was not asked for yet.
    pub(super) const UNKNOWN: u8 = u8::MAX;

    pub fn age(self, now: u32) -> u32 {
        now.wrapping_sub(self.last)
    }

    /// It is asked for.
    pub fn asked(self, now: u32) -> Past {
        let interval = logarithm(self.age(now)).min(Past::UNKNOWN - 1);
        Past { last: now, times: self.times.saturating_add(1), interval }
    }
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Judge {
    /// How soon entries with such a past were asked for again ([`Reuse`]).
    Learned,
    /// The longer of the last interval and the age, so that who came back after long does not drive out who comes back
    /// sooner: Jiang, Zhang: LIRS, SIGMETRICS 2002.
    Interval,
    /// The least recently used is worth least.
    Recency,
    /// The least often used is.
    Frequency,
    /// Who was asked for often, and not long ago: between the two, as in LRFU (Lee et al., IEEE Transactions on Computers
    /// 50, 2001).
    Density,
}

pub(super) const JUDGES: [Judge; 5] =
    [Judge::Learned, Judge::Interval, Judge::Recency, Judge::Frequency, Judge::Density];

/// One entry in this many may be young without having been asked for: `Interval` gives them time for that.
const YOUNG: usize = 100;
/// Who was never asked for counts as if this often.
const NOT_YET: f32 = 0.3;

/// What a judge knows beside the entry's past.
#[derive(Clone, Copy)]
pub struct Present<'r> {
    pub reuse: &'r Reuse,
    pub now: u32,
    /// How many entries there are.
    pub live: usize,
}

impl Judge {
    /// Compares with this judge's other values only.
    #[inline]
    pub fn value(self, past: Past, present: Present) -> f32 {
        let age = past.age(present.now).max(1);
        match self {
            Judge::Learned => present.reuse.value(past, age),
            Judge::Interval if age as usize <= present.live / YOUNG => 1.0 / age as f32,
            Judge::Interval if past.interval == Past::UNKNOWN => 1e-6 / age as f32,
            Judge::Interval => {
                // Rounded up: a loop's entries that are there must be worth no less than those which come back.
                let interval = if past.interval == Past::FIRST { 0.0 } else { power(past.interval + 1) };
                let longer = interval.max(age as f32);
                // Of two alike, the one that waited longer is nearer to its next access.
                (1.0 + 1e-3 * age as f32 / longer) / longer
            }
            Judge::Recency => 1.0 / age as f32,
            // As long as it is young, how often says more than when.
            Judge::Density => (NOT_YET + f32::from(past.times)) / (age as f32 + present.live as f32 / 4.0),
            // Of two alike, the one that was there first: newcomers must have been asked for more often.
            Judge::Frequency => f32::from(past.times) + age as f32 / (age as f32 + 4.0 * present.live as f32 + 1.0),
        }
    }
}

/// A number's logarithm, in eighths of an octave, rounded down.
pub fn logarithm(number: u32) -> u8 {
    let number = u64::from(number.max(1));
    let octave = number.ilog2();
    (octave * 8 + (((number << 3) >> octave) & 7) as u32) as u8
}

/// The number of a logarithm.
#[inline]
pub fn power(logarithm: u8) -> f32 {
    (1u64 << (logarithm / 8)) as f32 * (1.0 + f32::from(logarithm % 8) / 8.0)
}

/// What an entry of a weight counts among all.
pub fn counts(logarithm: u8, by_weight: bool) -> u64 {
    if by_weight {
        power(logarithm) as u64
    } else {
        1
    }
}
