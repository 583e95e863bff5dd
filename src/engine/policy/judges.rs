//! Ways to say what an entry is worth, from what is known of it alone. Knows no other entries, nor which judge is right.

use super::reuse::Reuse;

/// What is known of an entry, there or evicted.
#[derive(Clone, Copy, Default)]
pub struct Past {
    /// When it was asked for, or came.
    pub last: u32,
    /// How often it was asked for, at most.
    pub times: u8,
    /// The logarithm of the time between its accesses, see [`logarithm`], the mean of the last ones; or one of those below.
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

    /// It is asked for. One interval alone is mostly chance: of the mean it is a third.
    pub fn asked(self, now: u32) -> Past {
        let (age, before) = (u64::from(self.age(now)), power(self.interval) as u64);
        let mean = match self.times {
            0 => age,
            1 => (before + age) / 2,
            _ => (2 * before + age) / 3,
        };
        let interval = logarithm(mean as u32).min(Past::UNKNOWN - 1);
        Past { last: now, times: self.times.saturating_add(1), interval }
    }
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Judge {
    /// How soon entries with such a past were asked for again ([`Reuse`]).
    Learned,
    /// The longer of the interval and the age, so that who came back after long does not drive out who comes back sooner:
    /// Jiang, Zhang: LIRS, SIGMETRICS 2002, where it is the last interval alone.
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

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: u32 = 1_000_000;

    /// What a judge says in a store of 1000 entries of one that was asked for so often, so long ago, after so long.
    fn value(judge: Judge, times: u8, age: u32, interval: u8) -> f32 {
        let reuse = Reuse::new().unwrap();
        judge.value(Past { last: NOW - age, times, interval }, Present { reuse: &reuse, now: NOW, live: 1000 })
    }

    #[track_caller]
    fn is_nearly(value: f32, expected: f32) {
        assert!((value / expected - 1.0).abs() < 1e-5, "{value}, and not {expected}");
    }

    #[test]
    fn what_was_last_asked_for_is_worth_most_to_recency() {
        for (age, expected) in [(0, 1.0), (1, 1.0), (2, 0.5), (1000, 0.001)] {
            is_nearly(value(Judge::Recency, 9, age, 40), expected);
        }
    }

    #[test]
    fn what_was_asked_for_often_is_worth_most_to_frequency() {
        is_nearly(value(Judge::Frequency, 0, 1, 0), 1.0 / 4002.0);
        is_nearly(value(Judge::Frequency, 7, 4001, 0), 7.5);
    }

    #[test]
    fn density_is_how_often_by_how_long_and_a_quarter_of_the_entries() {
        is_nearly(value(Judge::Density, 0, 50, 0), 0.3 / 300.0);
        is_nearly(value(Judge::Density, 5, 250, 0), 5.3 / 500.0);
    }

    #[test]
    fn interval_is_the_longer_of_the_last_one_and_the_age() {
        let of = |age, interval| value(Judge::Interval, 1, age, interval);
        for age in [1, 7, 10] {
            is_nearly(of(age, Past::UNKNOWN), 1.0 / age as f32); // so long it is young
            is_nearly(of(age, logarithm(512)), 1.0 / age as f32);
        }
        is_nearly(of(11, Past::UNKNOWN), 1e-6 / 11.0);
        is_nearly(of(100, Past::FIRST), 1.001 / 100.0);
        // An eighth of an octave more than it was.
        is_nearly(of(288, logarithm(512)), (1.0 + 0.5e-3) / 576.0);
        is_nearly(of(2000, logarithm(512)), 1.001 / 2000.0);
    }

    #[test]
    fn who_is_asked_for_has_an_interval() {
        let past = Past { last: u32::MAX - 4, times: 0, interval: Past::UNKNOWN };
        assert_eq!(past.age(27), 32, "it wraps");
        let asked = past.asked(27);
        assert_eq!((asked.last, asked.times, asked.interval), (27, 1, 5 * 8));
        let later = |ages: &[u32]| ages.iter().fold(asked, |past, age| past.asked(past.last + age));
        assert_eq!([later(&[96]), later(&[96, 256])].map(|past| power(past.interval)), [64.0, 128.0], "the mean");
        let often = Past { last: 1, times: u8::MAX, interval: Past::UNKNOWN - 1 }.asked(0);
        assert_eq!((often.times, often.interval), (u8::MAX, Past::UNKNOWN - 1), "that is no interval");
        let late = Past { last: 1, times: 0, interval: Past::UNKNOWN }.asked(0);
        assert_eq!((late.times, late.interval), (1, Past::UNKNOWN - 1), "nor is the longest one");
    }

    #[test]
    fn logarithms_are_in_eighths_of_an_octave() {
        let known =
            [(0, 0), (1, 0), (2, 8), (3, 12), (4, 16), (5, 18), (15, 31), (16, 32), (1 << 20, 160), (u32::MAX, 255)];
        for (number, expected) in known {
            assert_eq!(logarithm(number), expected, "{number}");
        }
        for (logarithm, number) in [(0, 1.0), (8, 2.0), (12, 3.0), (18, 5.0), (160, 1048576.0)] {
            assert_eq!(power(logarithm), number);
        }
        assert_eq!([counts(18, true), counts(18, false)], [5, 1]);
    }
}
