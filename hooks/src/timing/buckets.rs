//! Which times are counted together: four buckets for each power of two, so that a bucket's bounds differ by a quarter at most.

/// So many buckets hold all numbers of 64 bits.
pub(super) const BUCKETS: usize = 252;

/// The bucket of `value`.
#[inline(always)]
pub(super) fn bucket(value: u64) -> usize {
    if value < 4 {
        return value as usize;
    }
    let exponent = 63 - value.leading_zeros();
    // The two bits behind the highest one.
    let quarter = (value >> (exponent - 2)) & 3;
    (exponent as usize - 1) * 4 + quarter as usize
}

/// The greatest value of a bucket.
pub(super) fn highest(bucket: usize) -> u64 {
    if bucket < 4 {
        return bucket as u64;
    }
    let (exponent, quarter) = (bucket as u32 / 4 + 1, bucket as u64 % 4);
    // In 128 bits, since the last bucket ends where 64 do.
    let next = (u128::from(4 + quarter) + 1) << (exponent - 2);
    u64::try_from(next - 1).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_bucket_begins_behind_the_one_before() {
        for bucket_number in 0..BUCKETS {
            assert_eq!(bucket(highest(bucket_number)), bucket_number);
            if let Some(next) = highest(bucket_number).checked_add(1) {
                assert_eq!(bucket(next), bucket_number + 1);
            }
        }
        assert_eq!((highest(BUCKETS - 1), bucket(u64::MAX)), (u64::MAX, BUCKETS - 1));
    }

    #[test]
    fn a_bucket_is_no_wider_than_a_quarter() {
        for bucket in 4..BUCKETS {
            let (lowest, highest) = (highest(bucket - 1) + 1, highest(bucket));
            assert!(highest - lowest <= lowest / 4, "{lowest} to {highest}");
        }
    }
}
