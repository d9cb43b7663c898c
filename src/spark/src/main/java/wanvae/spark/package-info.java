/** wanvae on Apache Spark: an application for {@code spark-submit}, and a function for programs of one's own. */
package wanvae.spark;
