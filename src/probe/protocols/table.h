/* SPDX-License-Identifier: Apache-2.0 */
/* One line for each probe, in the order of the reference pages: directory services first. */
#define PROBES(X) X(dns)
