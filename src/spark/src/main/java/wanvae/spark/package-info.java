/** wanvae on Apache Spark: an application for {@code spark-submit}, and functions for your own jobs. */
package wanvae.spark;
