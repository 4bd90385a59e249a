// SPDX-License-Identifier: Apache-2.0
// Private to src/decode: the parts of libav that files may reach.
#pragma once

namespace semblance::decode {

/// Demuxers, by libavformat's names. None of them opens another file or address by itself; those
/// that do (playlists, session descriptions, numbered pictures, scripts) are left out, and so are
/// subtitles and formats that were never common.
inline constexpr char kDemuxers[] =
    "mov,matroska,avi,asf,flv,live_flv,mpegts,mpeg,mpegvideo,h264,hevc,m4v,h263,h261,vc1,vc1test,"
    "obu,av1,dv,mxf,gxf,ogg,ivf,gif,apng,rm,nut,yuv4mpegpipe,wtv,nsv,mjpeg,cavsvideo,dirac,"
    "mp3,flac,wav,w64,aac,ac3,eac3,dts,truehd,mlp,aiff,au,caf,amr,ape,wv,tta,mpc,mpc8,dsf";

/// Video decoders, by libavcodec's names. No audio or subtitle is ever decoded, nor anything
/// through hardware.
inline constexpr char kDecoders[] =
    "h264,hevc,libdav1d,libaom-av1,vp8,vp9,vp7,vp6,vp6a,vp6f,vp5,vp4,vp3,theora,"
    "mpeg1video,mpeg2video,mpegvideo,mpeg4,msmpeg4v1,msmpeg4v2,msmpeg4,h261,h263,h263i,h263p,flv,"
    "wmv1,wmv2,wmv3,vc1,mjpeg,mjpegb,amv,jpegls,jpeg2000,prores,dnxhd,dvvideo,cfhd,"
    "cinepak,indeo2,indeo3,indeo4,indeo5,svq1,svq3,rv10,rv20,rv30,rv40,"
    "ffv1,huffyuv,ffvhuff,hymt,utvideo,lagarith,magicyuv,rawvideo,v210,v210x,v308,v408,v410,yuv4,"
    "png,apng,gif,bmp,targa,tiff,webp,qtrle,rpza,smc,8bps,msrle,msvideo1,camstudio,"
    "camtasia,tscc2,zmbv,flashsv,flashsv2,fraps,g2m,mszh,zlib,dirac,cavs,snow,hap,asv1,asv2,vble,"
    "vcr1,"
    "cljr,cyuv,aura,aura2,loco,mimic,truemotion1,truemotion2,ultimotion,wnv1,xan_wc3,xan_wc4";

}  // namespace semblance::decode
