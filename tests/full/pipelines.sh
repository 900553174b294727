#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# What the pipelines of points promise, with three seeds each: the numbers of the 1D Gaussian, and all eight modes of the ring.
. "${GANTRY_TEST_SOURCE:?}/tests/full/common"
export top_builddir="$build" top_srcdir="$source" LC_ALL=C
work=$(mktemp -d) || exit 99
trap 'rm -rf "$work"' EXIT
passed=0 failed=0
gantry () { "$source/tests/run-env" gantry "$@"; }
check () { what=$1; shift; if "$@"; then passed=$((passed + 1)); echo "PASS $what"; else failed=$((failed + 1)); echo "FAIL $what"; fi; }

train () # PIPELINE SEED
{
  run=$work/$1-$2
  gantry train "$source/data/pipelines/$1.ini" --output="$run" --seed="$2" --sample-interval=0 --checkpoint-interval=0 --quiet
}

# The averaged generator's mean and deviation are within 2 % of 2 and 1.
has_moments ()
{
  awk '{ sum += $1; squares += $1 * $1 }
    END {
      mean = sum / NR
      deviation = sqrt (squares / NR - mean * mean)
      printf "  mean %.4f, deviation %.4f\n", mean, deviation
      exit !(NR == 100000 && mean > 1.96 && mean < 2.04 && deviation > 0.98 && deviation < 1.02)
    }' "$1"
}

# Over the last tenth of the training, V = -discriminator.loss is within 1 % of -log 4, and exp E[log D(x)] and 1 - exp E[log(1 - D(G(z)))], which
# are what D says of real and of generated samples, are within 0.02 of 1/2 on average.
has_value ()
{
  sed 's/.*"images":\([0-9]*\),.*"discriminator.loss.real":\([^,]*\),"discriminator.loss.fake":\([^,]*\),"discriminator.loss":\([^,}]*\).*/\1 \2 \3 \4/' "$1" \
    | awk '{ images[NR] = $1; real[NR] = $2; fake[NR] = $3; loss[NR] = $4 }
      END {
        for (i = 1; i <= NR; i++)
          if (images[i] > 0.9 * images[NR])
            { n++; of_real += exp (-real[i]); of_fake += 1 - exp (-fake[i]); value -= loss[i] }
        printf "  D %.4f of real, %.4f of generated samples, V %.4f\n", of_real / n, of_fake / n, value / n
        off_real = of_real / n - 0.5; off_fake = of_fake / n - 0.5; off_value = value / n + log (4)
        exit !(n >= 10 && off_real ^ 2 < 0.02 ^ 2 && off_fake ^ 2 < 0.02 ^ 2 && off_value ^ 2 < 0.0139 ^ 2)
      }'
}

# Each of eight modes on a circle of radius 2 has 2 % of 10,000 points within three deviations of 0.02.
has_modes ()
{
  awk -F, '
    { for (mode = 0; mode < 8; mode++)
        if (($1 - 2 * cos (mode * atan2 (1, 1))) ^ 2 + ($2 - 2 * sin (mode * atan2 (1, 1))) ^ 2 <= 0.06 ^ 2) n[mode]++ }
    END {
      for (mode = 0; mode < 8; mode++)
        { printf "  %.2f %%", 100 * n[mode] / NR; if (n[mode] < 0.02 * NR) few++ }
      print ""
      exit !(NR == 10000 && !few)
    }' "$1"
}

for seed in 1 2 3; do
  train gaussian-1d $seed
  gantry sample "$run" --count=100000 --seed=77 --output="$work/points.csv"
  check "gaussian-1d, seed $seed: mean and deviation" has_moments "$work/points.csv"
  check "gaussian-1d, seed $seed: the discriminator and the value of the game" has_value "$run/log.jsonl"
  for pipeline in ring-r1 ring-wgan-gp; do
    train $pipeline $seed
    gantry sample "$run" --count=10000 --seed=77 --output="$work/points.csv"
    check "$pipeline, seed $seed: every mode" has_modes "$work/points.csv"
  done
done
echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ]
