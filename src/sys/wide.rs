//! Code for the processor that is there, not only for what all of its kind have. Knows nothing of what the code does.

/// Does some work with the instructions of this processor: 32 bytes at a time
/// where it can (AVX2, since 2013). What the work calls must be inlined into it,
/// or stays as it is.
#[inline(always)]
pub fn widely<R>(work: impl FnOnce() -> R) -> R {
    #[cfg(all(target_arch = "x86_64", not(miri)))]
    if std::is_x86_feature_detected!("avx2")
        && std::is_x86_feature_detected!("bmi1")
        && std::is_x86_feature_detected!("bmi2")
    {
        // SAFETY: the processor has these instructions.
        return unsafe { with_avx2(work) };
    }
    work()
}

/// # Safety
/// The processor has AVX2, BMI1 and BMI2.
#[cfg(all(target_arch = "x86_64", not(miri)))]
#[target_feature(enable = "avx2,bmi1,bmi2")]
unsafe fn with_avx2<R>(work: impl FnOnce() -> R) -> R {
    work()
}
