"""Where S3 is served: at moto's paths, by our responses."""

from moto.s3.urls import url_bases

from infra.local.s3.responses import LocalS3Response

__all__ = ["url_bases", "url_paths"]

url_paths = {
    "{0}/$": LocalS3Response.bucket_dispatch,
    "{0}/(?P<key_or_bucket_name>[^/]+)$": LocalS3Response.ambiguous_dispatch,
    "{0}/(?P<key_or_bucket_name>[^/]+)/$": LocalS3Response.ambiguous_dispatch,
    "{0}/(?P<bucket_name_path>[^/]+)/(?P<key_name>.+)": LocalS3Response.key_dispatch,
    "{0}/(?P<key_name>/.*)$": LocalS3Response.key_dispatch,
}
